/** What a systemd unit is made of, beyond what is the same for every daemon here. */
export type UnitOptions = {
  description: string
  /** The command line; every part absolute or plain, none is seen by a shell. */
  exec: readonly string[]
  user: string
  group: string
  /** Where everything lies that the daemon writes. */
  state: string
  /** Folder of configuration that it reads and never writes; absent where that lies in `state`. */
  configuration?: string | undefined
  /** Without these files there is nothing to start. */
  needs: readonly string[]
  /** Secrets that systemd reads as root and hands over in memory: name and file. */
  credentials?: Readonly<Record<string, string>> | undefined
  /** Names of secrets that lie encrypted in the credential store of the machine (systemd-creds). */
  encrypted?: readonly string[] | undefined
  environment?: Readonly<Record<string, string>> | undefined
  memoryMax: string
  /** Percent of one core. */
  cpuQuota: number
  tasksMax: number
  /** Cameras plugged in here, /dev/video*. */
  video?: boolean | undefined
  /** The sound card of this machine. */
  sound?: boolean | undefined
  /** It puts programs of its own into namespaces (bubblewrap around ffmpeg). */
  nests?: boolean | undefined
  /** It gives processes of its own little memory. */
  bounds?: boolean | undefined
}

/** What a hardened daemon gives up. No MemoryDenyWriteExecute: V8 and WebAssembly write code. */
const HARDENING = [
  'NoNewPrivileges=yes',
  'CapabilityBoundingSet=',
  'AmbientCapabilities=',
  'ProtectSystem=strict',
  'ProtectHome=yes',
  'PrivateTmp=yes',
  'PrivateMounts=yes',
  'ProtectClock=yes',
  'ProtectKernelTunables=yes',
  'ProtectKernelModules=yes',
  'ProtectKernelLogs=yes',
  'ProtectControlGroups=yes',
  'LockPersonality=yes',
  'RestrictRealtime=yes',
  'RestrictSUIDSGID=yes',
  'RemoveIPC=yes',
  'KeyringMode=private',
  'SystemCallArchitectures=native',
  'UMask=0077',
  'LimitCORE=0',
]

/** Nobody but root and the daemon sees its processes, and it sees no others. */
const ALONE = [
  'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6',
  'ProtectHostname=yes',
  'PrivateUsers=yes',
  'ProtectProc=invisible',
  'RestrictNamespaces=yes',
  'SystemCallFilter=@system-service',
  'SystemCallFilter=~@privileged @resources',
  'SystemCallErrorNumber=EPERM',
]

/** For a program that gives processes of its own little memory, and puts them behind itself. */
const BOUNDING = ['SystemCallFilter=setrlimit prlimit64 setpriority']

/**
 * Rights that bubblewrap needs to shut ffmpeg in: namespaces of its own, mounts, a loopback and a
 * name within them. They are worth nothing outside, as there is no capability to use them with.
 */
const NESTING = [
  'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK',
  'ProtectProc=invisible',
  'RestrictNamespaces=user mnt pid net ipc uts cgroup',
  'SystemCallFilter=@system-service @mount sethostname',
  'SystemCallErrorNumber=EPERM',
]

/** The text of a unit file: told when it serves, watched, limited, and shut in. */
export function unitText(options: UnitOptions): string {
  const { description, exec, needs, user, group } = options
  return `${[
    '[Unit]',
    `Description=${description}`,
    'Documentation=man:systemd.exec(5)',
    'Wants=network-online.target',
    'After=network-online.target time-sync.target',
    ...needs.map((file) => `ConditionPathExists=${file.replaceAll('%', '%%')}`),
    'StartLimitIntervalSec=5min',
    'StartLimitBurst=20',
    '',
    '[Service]',
    'Type=notify',
    'NotifyAccess=all',
    `ExecStart=${exec.map(quoted).join(' ')}`,
    // The shell's own kill: a small Debian has no other.
    `ExecReload=/bin/sh -c "kill -HUP $MAINPID"`,
    `User=${user}`,
    `Group=${group}`,
    ...groups(options),
    ...Object.entries(options.environment ?? {}).map(
      ([name, value]) => `Environment=${quoted(`${name}=${value}`)}`,
    ),
    ...Object.entries(options.credentials ?? {}).map(
      ([name, file]) => `LoadCredential=${quoted(`${name}:${file}`)}`,
    ),
    ...(options.encrypted ?? []).map((name) => `LoadCredentialEncrypted=${quoted(name)}`),
    '',
    '# 78 is a file that a person must mend; starting again would not help.',
    'Restart=always',
    'RestartSec=1s',
    'RestartPreventExitStatus=78',
    'WatchdogSec=20s',
    'TimeoutStartSec=2min',
    'TimeoutStopSec=15s',
    'KillMode=mixed',
    '',
    ...places(options),
    '',
    `MemoryMax=${options.memoryMax}`,
    'MemorySwapMax=0',
    `CPUQuota=${options.cpuQuota}%`,
    `TasksMax=${options.tasksMax}`,
    'LimitNOFILE=65536',
    '',
    ...HARDENING,
    ...(options.nests ? NESTING : ALONE),
    ...(options.bounds ? BOUNDING : []),
    'DevicePolicy=closed',
    ...devices(options),
    '',
    '[Install]',
    'WantedBy=multi-user.target',
  ].join('\n')}\n`
}

function groups({ video, sound }: UnitOptions): string[] {
  const names = [...(video ? ['video'] : []), ...(sound ? ['audio'] : [])]
  return names.length === 0 ? [] : [`SupplementaryGroups=${names.join(' ')}`]
}

/** None, or those that it is for. */
function devices({ video, sound }: UnitOptions): string[] {
  const allowed = [
    ...(video ? ['DeviceAllow=char-video4linux rw'] : []),
    ...(sound ? ['DeviceAllow=char-alsa rw'] : []),
  ]
  return allowed.length === 0 ? ['PrivateDevices=yes'] : allowed
}

/** Folders below /var/lib and /etc are systemd's to make; others are let through as they are. */
function places({ state, configuration }: UnitOptions): string[] {
  const stateName = below('/var/lib/', state)
  const configurationName = configuration && below('/etc/', configuration)
  const name = stateName ?? configurationName
  return [
    ...(stateName ? [`StateDirectory=${stateName}`, 'StateDirectoryMode=0750'] : []),
    ...(stateName ? [] : [`ReadWritePaths=${quoted(state)}`]),
    ...(configurationName
      ? [`ConfigurationDirectory=${configurationName}`, 'ConfigurationDirectoryMode=0755']
      : []),
    ...(name
      ? [`RuntimeDirectory=${name}`, `LogsDirectory=${name}`, 'LogsDirectoryMode=0750']
      : []),
    `WorkingDirectory=${state.replaceAll('%', '%%')}`,
  ]
}

function below(parent: string, folder: string): string | undefined {
  const name = folder.startsWith(parent) ? folder.slice(parent.length) : ''
  return /^[\w.-]+$/.test(name) ? name : undefined
}

/** As systemd reads it: specifiers and variables are not for us, spaces need quotes. */
function quoted(word: string): string {
  const escaped = word.replaceAll('%', '%%').replaceAll('$', '$$$$')
  return /[\s"'\\;]/.test(escaped) ? `"${escaped.replaceAll(/["\\]/g, '\\$&')}"` : escaped
}
