import { agentUnit } from '@vedette/agent/service'
import { serverUnit } from '@vedette/server/service/unit'
import type { Program } from './tree.ts'

/** What is particular to one of the two packages. */
export type PackageParts = {
  name: string
  user: string
  home: string
  /** Folder of configuration. */
  etc: string
  /** Programs in /usr/bin, each a file of the shell. */
  programs: Readonly<Record<string, string>>
  unit: string
  depends: readonly string[]
  recommends: readonly string[]
  /** Groups besides its own that the user is in. */
  groups: readonly string[]
  synopsis: string
  description: readonly string[]
  /** Configuration that ships, by path; the administrator's changes are kept. */
  conffiles: Readonly<Record<string, string>>
  /** Links that ship: where, and to what. */
  links: Readonly<Record<string, string>>
}

const SERVER_YAML = `# Vedette server. Every setting left out has its default; see README.md in
# /usr/share/doc/vedette-server. Check it: vedette-server check
# Take it over while the server runs: systemctl reload vedette-server
gate: { host: 0.0.0.0, port: 7443 }
desk: { host: 127.0.0.1, port: 7444 }
# Where browsers come in; host: 0.0.0.0 lets them in from other machines.
console: { host: 127.0.0.1, port: 8443 }
`

/** Runs \`script\` of the package with the Node of the package. */
function launcher(pack: string, script: string, lines: readonly string[]): string {
  const program = `/usr/lib/${pack}`
  return `${[
    '#!/bin/sh',
    'set -e',
    ...lines,
    `exec $AS ${program}/node ${program}/bin/${script}.js "$@"`,
  ].join('\n')}\n`
}

/** As root, what writes below its home runs as the service's user: nothing there becomes root's. */
const drop = (user: string) => `setpriv --reuid=${user} --regid=${user} --init-groups`

const SERVER: PackageParts = {
  name: 'vedette-server',
  user: 'vedette',
  home: '/var/lib/vedette',
  etc: '/etc/vedette',
  programs: {
    vedette: launcher('vedette-server', 'vedette', [
      '[ -n "$VEDETTE_HOME" ] || VEDETTE_HOME=/var/lib/vedette',
      'export VEDETTE_HOME',
      'AS=',
      'if [ "$VEDETTE_HOME" = /var/lib/vedette ] && [ "$(id -u)" = 0 ]; then',
      '  for word in "$@"; do',
      '    case "$word" in',
      '      -*) continue ;;',
      `      init|certs|models) AS="${drop('vedette')}" ;;`,
      '    esac',
      '    break',
      '  done',
      'fi',
    ]),
    'vedette-server': launcher('vedette-server', 'vedette-server', [
      '[ -n "$VEDETTE_HOME" ] || VEDETTE_HOME=/var/lib/vedette',
      'VEDETTE_PROGRAM=/usr/bin/vedette-server',
      'export VEDETTE_HOME VEDETTE_PROGRAM',
      'AS=',
    ]),
  },
  unit: serverUnit({
    home: '/var/lib/vedette',
    data: '/var/lib/vedette/data',
    vaultKey: '/var/lib/vedette/vault.key',
    exec: ['/usr/bin/vedette-server'],
    user: 'vedette',
    configuration: '/etc/vedette',
  }),
  depends: ['passwd', 'util-linux'],
  recommends: ['systemd', 'ffmpeg'],
  groups: [],
  synopsis: 'face matching for wanted-person lists: the server',
  description: [
    'Vedette matches faces that cameras see against a list of wanted people and',
    'tells the control room. This is the server: it holds the list, answers the',
    'camera machines over mutual TLS, and brings the command vedette.',
  ],
  conffiles: { '/etc/vedette/server.yaml': SERVER_YAML },
  links: { '/var/lib/vedette/server.yaml': '/etc/vedette/server.yaml' },
}

const AGENT: PackageParts = {
  name: 'vedette-agent',
  user: 'vedette-agent',
  home: '/var/lib/vedette-agent',
  etc: '/etc/vedette-agent',
  programs: {
    'vedette-agent': launcher('vedette-agent', 'vedette-agent', [
      'VEDETTE_PROGRAM=/usr/bin/vedette-agent',
      'export VEDETTE_PROGRAM',
      'AS=',
      'case "$*" in',
      '  *--home*) ;;',
      '  join*) set -- "$@" --home /var/lib/vedette-agent ;;',
      'esac',
      'if [ -z "$VEDETTE_AGENT_CONFIG" ]; then',
      '  VEDETTE_AGENT_CONFIG=/var/lib/vedette-agent/agent.yaml',
      '  export VEDETTE_AGENT_CONFIG',
      '  case "$*" in',
      '    *--config*|-c*|*" -c "*|service*) ;;',
      `    *) [ "$(id -u)" != 0 ] || AS="${drop('vedette-agent')}" ;;`,
      '  esac',
      'fi',
    ]),
  },
  unit: agentUnit({
    exec: ['/usr/bin/vedette-agent'],
    user: 'vedette-agent',
    file: '/var/lib/vedette-agent/agent.yaml',
    state: '/var/lib/vedette-agent',
    configuration: '/etc/vedette-agent',
    video: true,
    nests: false,
  }),
  depends: ['passwd', 'util-linux', 'ffmpeg'],
  recommends: ['systemd', 'bubblewrap'],
  groups: ['video'],
  synopsis: 'face matching for wanted-person lists: the camera machine',
  description: [
    'Vedette matches faces that cameras see against a list of wanted people and',
    'tells the control room. This is the agent: it watches cameras, finds faces,',
    'and asks the server about them over mutual TLS.',
  ],
  conffiles: {},
  links: { '/etc/vedette-agent/agent.yaml': '/var/lib/vedette-agent/agent.yaml' },
}

export const PACKAGES: Readonly<Record<Program, PackageParts>> = { server: SERVER, agent: AGENT }
