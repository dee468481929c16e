// Manifests, given as a JSON list on standard input, against the schemas of Kubernetes and prometheus-operator: their
// validators find wrong values and what is missing, the TypeScript compiler finds members that do not exist.
import { readFileSync, writeFileSync } from "node:fs";
import ts from "typescript";

const FILE = "manifests.ts";
const problems = [];

/// The module with the class and the interface of a manifest's kind.
function moduleOf({ apiVersion, kind }) {
  const isOperator = apiVersion.startsWith("monitoring.coreos.com/");
  return `${isOperator ? "@kubernetes-models/prometheus-operator" : "kubernetes-models"}/${apiVersion}/${kind}`;
}

const label = (manifest) => `${manifest.kind} ${manifest.metadata.name}`;

const manifests = JSON.parse(readFileSync(0));
for (const manifest of manifests) {
  try {
    const { [manifest.kind]: Model } = await import(moduleOf(manifest));
    new Model(manifest).validate();
  } catch (error) {
    problems.push(`${label(manifest)}: ${error.message}`);
  }
}

const lines = manifests.map((manifest, index) => {
  const type = `import("${moduleOf(manifest)}").I${manifest.kind}`;
  return `export const manifest_${index}: ${type} = ${JSON.stringify(manifest)};`;
});
writeFileSync(FILE, lines.join("\n"));
const program = ts.createProgram([FILE], {
  noEmit: true, strict: true, skipLibCheck: true, types: [], target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.CommonJS, moduleResolution: ts.ModuleResolutionKind.Node10,
});
for (const { file, start, messageText } of ts.getPreEmitDiagnostics(program)) {
  const line = file ? file.getLineAndCharacterOfPosition(start).line : 0;
  problems.push(`${label(manifests[line])}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`);
}
for (const problem of problems) console.error(problem);
process.exit(problems.length > 0 ? 1 : 0);
