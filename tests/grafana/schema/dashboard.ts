// The model of a dashboard with the options of each kind of panel that is used, from Grafana's own types.
import type { Dashboard, FieldConfig, Panel, RowPanel, VariableModel } from './types/raw/dashboard/x/dashboard_types.gen';
import type * as bars from './types/raw/composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen';
import type * as stat from './types/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type * as strips from './types/raw/composable/statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen';
import type * as table from './types/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen';
import type * as lines from './types/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';

// JSON has the values of enumerations, not their names.
type Plain<T> = T extends string
  ? `${T}`
  : T extends number | boolean | null | undefined
    ? T
    : T extends Array<infer Item>
      ? Array<Plain<Item>>
      : T extends object
        ? { [Key in keyof T]: Plain<T[Key]> }
        : T;

// Of Prometheus' data source, which is no part of the package.
interface Target {
  refId: string;
  datasource: { type: 'prometheus'; uid: '${datasource}' };
  editorMode: 'code';
  expr: string;
  range: boolean;
  instant: boolean;
  format: 'time_series' | 'table';
  legendFormat: string;
  interval?: string;
}

interface Link {
  title: string;
  url: string;
  targetBlank: boolean;
}

type Chart<Kind extends string, Options, Custom> = Omit<Panel, 'type' | 'options' | 'fieldConfig' | 'targets'> & {
  type: Kind;
  options: Options;
  fieldConfig: {
    defaults: Omit<FieldConfig, 'custom' | 'links'> & { custom: Custom; links: Link[] };
    overrides: Array<{ matcher: { id: string; options: string }; properties: Array<{ id: string; value: unknown }> }>;
  };
  targets: Target[];
};

type AnyPanel =
  | Chart<'stat', stat.Options, Record<string, never>>
  | Chart<'timeseries', lines.Options, lines.FieldConfig>
  | Chart<'table', table.Options, table.FieldConfig>
  | Chart<'bargauge', bars.Options, Record<string, never>>
  | Chart<'state-timeline', strips.Options, strips.FieldConfig>;

interface Mark {
  name: string;
  datasource: object;
  enable: boolean;
  hide: boolean;
  iconColor: string;
  builtIn?: 1;
  type?: 'dashboard';
  expr?: string;
  titleFormat?: string;
  step?: string;
  useValueForTime?: boolean;
}

export type Board = Plain<
  Omit<Dashboard, 'panels' | 'annotations' | 'templating'> & {
    panels: Array<AnyPanel | (Omit<RowPanel, 'panels'> & { panels: AnyPanel[] })>;
    annotations: { list: Mark[] };
    templating: { list: Array<VariableModel & { definition?: string }> };
  }
>;
