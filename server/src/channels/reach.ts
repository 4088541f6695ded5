import { lookup } from 'node:dns/promises'
import { BlockList, isIP, isIPv4 } from 'node:net'
import { Refusal, Unavailable } from '@vedette/shared/errors'

/** Where channels may go beyond public addresses; said in the configuration file alone. */
export type Reach = {
  /** Addresses of the house's own network. */
  private: boolean
  /** This machine. */
  loopback: boolean
}

export type Address = { address: string; family: 4 | 6 }

/** Asks where a host is. */
export type Resolve = (host: string) => Promise<Address[]>

const LOOPBACK = blockList(['127.0.0.0', 8], ['::1', 128])
const PRIVATE = blockList(
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10],
  ['fc00::', 7],
)
/**
 * Nobody's at all, everybody's at once, or the one from which machines in a data centre have their
 * credentials. Source: IANA special-purpose address registries.
 */
const NEVER = blockList(
  ['0.0.0.0', 8],
  ['169.254.0.0', 16],
  ['192.0.0.0', 24],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
  ['::', 128],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['2002::', 16],
  ['2001::', 32],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
)

/**
 * The address at which `host` is to be called: looked up once, judged, and then called by number, so
 * that another answer a moment later changes nothing. Throws Refusal `channel.unreached`, Unavailable
 * `channel.unresolved`.
 */
export async function reachable(
  host: string,
  reach: Reach,
  resolve: Resolve = resolved,
): Promise<Address> {
  const bare = host.replace(/^\[(.*)\]$/, '$1')
  const family = isIP(bare)
  const found: Address[] =
    family === 0 ? await resolve(bare) : [{ address: bare, family: family as 4 | 6 }]
  const [first] = found
  if (first === undefined) throw unresolved(bare)
  // One that is refused refuses all: whoever may name several chooses which is taken.
  for (const { address } of found) judge(bare, address, reach)
  return first
}

/** Whether `host` is this machine by what it is called. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1')
  return bare === 'localhost' || (isIP(bare) !== 0 && within(LOOPBACK, bare))
}

function judge(host: string, address: string, reach: Reach): void {
  if (within(NEVER, address)) {
    throw new Refusal('channel.unreached', `${host} is ${address}: no channel goes there`, {
      hint: 'name a host with an address of its own',
      params: { host, address },
    })
  }
  const kind = within(LOOPBACK, address) ? 'loopback' : within(PRIVATE, address) ? 'private' : null
  if (kind === null || reach[kind]) return
  const what = kind === 'loopback' ? 'this machine' : 'the network of this house'
  throw new Refusal('channel.unreached', `${host} is ${address}, in ${what}`, {
    hint: `if that is meant, set channels.${kind}: true in server.yaml, and start the server again`,
  })
}

async function resolved(host: string): Promise<Address[]> {
  try {
    const found = await lookup(host, { all: true })
    return found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }))
  } catch (cause) {
    throw unresolved(host, cause)
  }
}

function unresolved(host: string, cause?: unknown): Unavailable {
  return new Unavailable('channel.unresolved', `nobody knows where ${host} is`, {
    cause,
    hint: 'is its name right, and is there a name server?',
    params: { host },
  })
}

/** An IPv4 address in the clothes of IPv6 is judged as what it is: so does BlockList. */
function within(list: BlockList, address: string): boolean {
  return list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')
}

function blockList(...subnets: [string, number][]): BlockList {
  const list = new BlockList()
  for (const [net, prefix] of subnets) {
    list.addSubnet(net, prefix, isIPv4(net) ? 'ipv4' : 'ipv6')
  }
  return list
}
