import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { JoinReport } from '@vedette/agent/join/join'
import type { AgentStatus } from '@vedette/server/desk/answered/agents'
import type { Invited } from '@vedette/server/join/invitations'
import type { Invitation, JoinAttempt } from '@vedette/server/store/invitations'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { RunningAgent, runAgent } from '../support/agent-cli.ts'
import { House } from '../support/house.ts'
import { run } from '../support/server-cli.ts'
import { until } from '../support/until.ts'

let house: House
const box = () => join(house.home, 'box')

beforeAll(async () => {
  house = await House.found()
  house.config.join = { host: '127.0.0.1', port: 0 }
  await house.startServer()
  await writeFile(join(house.home, 'server.yaml'), `desk: { port: ${house.config.desk.port} }\n`)
})

afterAll(() => house[Symbol.asyncDispose]())

const vedette = (...args: string[]) => run(['--home', house.home, ...args])

it('a code from one program makes an agent with the other, which then runs', async () => {
  const invited = await vedette('--json', 'agents', 'invite', 'gate-north', '--expires', '10m')
  expect([invited.status, invited.err]).toEqual([0, expect.stringContaining('vedette-agent join')])
  const { code, id } = JSON.parse(invited.out) as Invited
  const clip = join(house.home, 'pictures/')
  await run(['--home', house.home, 'agents', 'list'])
  const joined = await runAgent([
    'join',
    code,
    '--home',
    box(),
    '--camera',
    `door=${clip}`,
    '--json',
  ])
  expect(joined).toMatchObject({ code: 0 })
  const report = JSON.parse(joined.stdout) as JoinReport
  expect(report).toMatchObject({ agent: 'gate-north', configuration: join(box(), 'agent.yaml') })
  expect(joined.stderr).toContain('vedette-agent --config')

  const again = await runAgent(['join', code, '--home', join(house.home, 'thief')])
  expect(again).toMatchObject({ code: 1, stdout: '' })
  const listed = await vedette('--json', 'agents', 'invitations')
  const [invitation] = JSON.parse(listed.out) as Invitation[]
  expect(invitation).toMatchObject({ id, agent: 'gate-north', usedFrom: '127.0.0.1' })
  expect(listed.out).not.toContain(code)
  const attempts = await vedette('--json', 'agents', 'invitations', '--attempts')
  expect((JSON.parse(attempts.out) as JoinAttempt[]).map(({ outcome }) => outcome)).toEqual([
    'joined',
  ])
})

it('a code comes by standard input, too, and --run goes on as the agent', async () => {
  const { out: code } = await vedette('agents', 'invite', 'gate-south')
  const file = join(house.home, 'code')
  await writeFile(file, code)
  const home = join(house.home, 'south')
  const pictures = join(house.home, 'empty/')
  const agent = new RunningAgent(
    ['join', '-', '--home', home, '--camera', `door=${pictures}`, '--run'],
    {},
    await readFile(file),
  )
  await until(async () => {
    const { out } = await vedette('--json', 'agents', 'list')
    return (JSON.parse(out) as AgentStatus[]).some(
      ({ name, connected, cameras }) => name === 'gate-south' && connected && cameras.length > 0,
    )
  })
  agent.kill('SIGTERM')
  expect((await agent.finished).stderr).toContain('agent.stop')
})

it('an invitation that was taken back is no good, and the list says so', async () => {
  const { out } = await vedette('--json', 'agents', 'invite', 'gate-east')
  const { code, id } = JSON.parse(out) as Invited
  expect((await vedette('agents', 'withdraw', id)).status).toBe(0)
  const joined = await runAgent(['join', code, '--home', join(house.home, 'east')])
  expect(joined).toMatchObject({ code: 1, stdout: '' })
  const [second, unknown, listed] = await Promise.all([
    vedette('agents', 'withdraw', id),
    vedette('agents', 'withdraw', 'nothing'),
    vedette('agents', 'invitations'),
  ])
  expect([second.status, unknown.status]).toEqual([6, 3])
  expect(listed.out).toMatch(/gate-east +anna .*withdrawn by anna/)
})

it.each([
  ['vj1.nonsense', 'join.malformed'],
  ['', 'join.malformed'],
])('%j is no code, and nobody is dialled for it', async (code) => {
  const joined = await runAgent(['join', code, '--home', join(house.home, 'none')])
  expect(joined).toMatchObject({ code: 1, stdout: '' })
  expect(joined.stderr).toContain('vedette agents invite')
})
