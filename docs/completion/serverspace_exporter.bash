# bash completion for serverspace_exporter. Generated from the program's own
# tables; see CONTRIBUTING.md.
# shellcheck shell=bash

_serverspace_exporter() {
  local current=${COMP_WORDS[COMP_CWORD]} flag='' command='' words='' i
  COMPREPLY=()

  # Readline takes the = of --flag=value for a word of its own.
  if [[ $current == '=' ]]; then
    flag=${COMP_WORDS[COMP_CWORD - 1]}
    current=''
  elif ((COMP_CWORD > 2)) && [[ ${COMP_WORDS[COMP_CWORD - 1]} == '=' ]]; then
    flag=${COMP_WORDS[COMP_CWORD - 2]}
  else
    flag=${COMP_WORDS[COMP_CWORD - 1]}
  fi
  case $flag in
    --web.port-file | --config.file | --api.ca-file | --state.file | --tasks.watch | --projects-dir | --web.config.file | --output | --sd)
      mapfile -t COMPREPLY < <(compgen -f -- "$current")
      compopt -o filenames
      return
      ;;
    --log.level)
      mapfile -t COMPREPLY < <(compgen -W 'debug info warn error' -- "$current")
      return
      ;;
    --log.format)
      mapfile -t COMPREPLY < <(compgen -W 'logfmt json' -- "$current")
      return
      ;;
    --api.base-url | --api.timeout | --api.max-requests-per-second | --api.proxy-url | --api.no-proxy | --collector.affinity_groups.interval | --collector.backups.interval | --collector.domains.interval | --collector.gateways.interval | --collector.images.interval | --collector.kubernetes.interval | --collector.locations.interval | --collector.networks.interval | --collector.project.interval | --collector.servers.interval | --collector.snapshots.interval | --collector.ssh_keys.interval | --collector.vmware.interval | --collector.affinity_groups.stale-after | --collector.backups.stale-after | --collector.domains.stale-after | --collector.gateways.stale-after | --collector.images.stale-after | --collector.kubernetes.stale-after | --collector.locations.stale-after | --collector.networks.stale-after | --collector.project.stale-after | --collector.servers.stale-after | --collector.snapshots.stale-after | --collector.ssh_keys.stale-after | --collector.vmware.stale-after | --stale-after | --tasks.keep-finished | --web.listen-address | --web.max-connections | --shard.count | --shard.index | --servers | --sd.query | --timeout | --warning | --critical | --project | --url)
      return
      ;;
  esac

  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
      check-config | once | check-balance | healthcheck) command=${COMP_WORDS[i]} ;;
    esac
  done
  case $command in
    '') words='check-config once check-balance healthcheck --help --version --web.port-file= --log.level= --log.format= --config.file= --api.base-url= --api.timeout= --api.max-requests-per-second= --api.ca-file= --api.proxy-url= --api.no-proxy= --collector.affinity_groups --no-collector.affinity_groups --collector.backups --no-collector.backups --collector.domains --no-collector.domains --collector.gateways --no-collector.gateways --collector.images --no-collector.images --collector.kubernetes --no-collector.kubernetes --collector.locations --no-collector.locations --collector.networks --no-collector.networks --collector.project --no-collector.project --collector.servers --no-collector.servers --collector.snapshots --no-collector.snapshots --collector.ssh_keys --no-collector.ssh_keys --collector.vmware --no-collector.vmware --collector.affinity_groups.interval= --collector.backups.interval= --collector.domains.interval= --collector.gateways.interval= --collector.images.interval= --collector.kubernetes.interval= --collector.locations.interval= --collector.networks.interval= --collector.project.interval= --collector.servers.interval= --collector.snapshots.interval= --collector.ssh_keys.interval= --collector.vmware.interval= --collector.affinity_groups.stale-after= --collector.backups.stale-after= --collector.domains.stale-after= --collector.gateways.stale-after= --collector.images.stale-after= --collector.kubernetes.stale-after= --collector.locations.stale-after= --collector.networks.stale-after= --collector.project.stale-after= --collector.servers.stale-after= --collector.snapshots.stale-after= --collector.ssh_keys.stale-after= --collector.vmware.stale-after= --stale-after= --labels.addresses --no-labels.addresses --state.file= --tasks.watch= --tasks.keep-finished= --projects-dir= --web.listen-address= --web.systemd-socket --no-web.systemd-socket --web.max-connections= --web.enable-lifecycle --no-web.enable-lifecycle --web.enable-task-api --no-web.enable-task-api --shard.count= --shard.index=' ;;
    check-config) words='--help --online --servers= --log.level= --log.format= --config.file= --api.base-url= --api.timeout= --api.max-requests-per-second= --api.ca-file= --api.proxy-url= --api.no-proxy= --collector.affinity_groups --no-collector.affinity_groups --collector.backups --no-collector.backups --collector.domains --no-collector.domains --collector.gateways --no-collector.gateways --collector.images --no-collector.images --collector.kubernetes --no-collector.kubernetes --collector.locations --no-collector.locations --collector.networks --no-collector.networks --collector.project --no-collector.project --collector.servers --no-collector.servers --collector.snapshots --no-collector.snapshots --collector.ssh_keys --no-collector.ssh_keys --collector.vmware --no-collector.vmware --collector.affinity_groups.interval= --collector.backups.interval= --collector.domains.interval= --collector.gateways.interval= --collector.images.interval= --collector.kubernetes.interval= --collector.locations.interval= --collector.networks.interval= --collector.project.interval= --collector.servers.interval= --collector.snapshots.interval= --collector.ssh_keys.interval= --collector.vmware.interval= --collector.affinity_groups.stale-after= --collector.backups.stale-after= --collector.domains.stale-after= --collector.gateways.stale-after= --collector.images.stale-after= --collector.kubernetes.stale-after= --collector.locations.stale-after= --collector.networks.stale-after= --collector.project.stale-after= --collector.servers.stale-after= --collector.snapshots.stale-after= --collector.ssh_keys.stale-after= --collector.vmware.stale-after= --stale-after= --labels.addresses --no-labels.addresses --state.file= --tasks.watch= --tasks.keep-finished= --projects-dir= --web.listen-address= --web.systemd-socket --no-web.systemd-socket --web.max-connections= --web.enable-lifecycle --no-web.enable-lifecycle --web.enable-task-api --no-web.enable-task-api --shard.count= --shard.index=' ;;
    once) words='--help --output= --sd= --sd.query= --timeout= --log.level= --log.format= --config.file= --api.base-url= --api.timeout= --api.max-requests-per-second= --api.ca-file= --api.proxy-url= --api.no-proxy= --collector.affinity_groups --no-collector.affinity_groups --collector.backups --no-collector.backups --collector.domains --no-collector.domains --collector.gateways --no-collector.gateways --collector.images --no-collector.images --collector.kubernetes --no-collector.kubernetes --collector.locations --no-collector.locations --collector.networks --no-collector.networks --collector.project --no-collector.project --collector.servers --no-collector.servers --collector.snapshots --no-collector.snapshots --collector.ssh_keys --no-collector.ssh_keys --collector.vmware --no-collector.vmware --collector.affinity_groups.interval= --collector.backups.interval= --collector.domains.interval= --collector.gateways.interval= --collector.images.interval= --collector.kubernetes.interval= --collector.locations.interval= --collector.networks.interval= --collector.project.interval= --collector.servers.interval= --collector.snapshots.interval= --collector.ssh_keys.interval= --collector.vmware.interval= --collector.affinity_groups.stale-after= --collector.backups.stale-after= --collector.domains.stale-after= --collector.gateways.stale-after= --collector.images.stale-after= --collector.kubernetes.stale-after= --collector.locations.stale-after= --collector.networks.stale-after= --collector.project.stale-after= --collector.servers.stale-after= --collector.snapshots.stale-after= --collector.ssh_keys.stale-after= --collector.vmware.stale-after= --stale-after= --labels.addresses --no-labels.addresses --state.file= --tasks.watch= --tasks.keep-finished= --projects-dir= --web.listen-address= --web.systemd-socket --no-web.systemd-socket --web.max-connections= --web.enable-lifecycle --no-web.enable-lifecycle --web.enable-task-api --no-web.enable-task-api --shard.count= --shard.index=' ;;
    check-balance) words='--help --warning= --critical= --project= --log.level= --log.format= --config.file= --api.base-url= --api.timeout= --api.max-requests-per-second= --api.ca-file= --api.proxy-url= --api.no-proxy= --collector.affinity_groups --no-collector.affinity_groups --collector.backups --no-collector.backups --collector.domains --no-collector.domains --collector.gateways --no-collector.gateways --collector.images --no-collector.images --collector.kubernetes --no-collector.kubernetes --collector.locations --no-collector.locations --collector.networks --no-collector.networks --collector.project --no-collector.project --collector.servers --no-collector.servers --collector.snapshots --no-collector.snapshots --collector.ssh_keys --no-collector.ssh_keys --collector.vmware --no-collector.vmware --collector.affinity_groups.interval= --collector.backups.interval= --collector.domains.interval= --collector.gateways.interval= --collector.images.interval= --collector.kubernetes.interval= --collector.locations.interval= --collector.networks.interval= --collector.project.interval= --collector.servers.interval= --collector.snapshots.interval= --collector.ssh_keys.interval= --collector.vmware.interval= --collector.affinity_groups.stale-after= --collector.backups.stale-after= --collector.domains.stale-after= --collector.gateways.stale-after= --collector.images.stale-after= --collector.kubernetes.stale-after= --collector.locations.stale-after= --collector.networks.stale-after= --collector.project.stale-after= --collector.servers.stale-after= --collector.snapshots.stale-after= --collector.ssh_keys.stale-after= --collector.vmware.stale-after= --stale-after= --labels.addresses --no-labels.addresses --state.file= --tasks.watch= --tasks.keep-finished= --projects-dir= --web.listen-address= --web.systemd-socket --no-web.systemd-socket --web.max-connections= --web.enable-lifecycle --no-web.enable-lifecycle --web.enable-task-api --no-web.enable-task-api --shard.count= --shard.index=' ;;
    healthcheck) words='--help --url= --log.level= --log.format= --web.listen-address=' ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  if ((${#COMPREPLY[@]} == 1)) && [[ ${COMPREPLY[0]} == *= ]]; then
    compopt -o nospace
  fi
}
complete -F _serverspace_exporter serverspace_exporter
