import { Watches } from '@vedette/agent/camera/watches'
import { type CameraConfig, parseAgentConfig } from '@vedette/agent/config'
import { describe, expect, it } from 'vitest'

/** Cameras as agent.yaml has them. */
function camerasOf(yaml: string): Record<string, CameraConfig> {
  const text = `server: { host: 127.0.0.1 }\ncredentials: .\ncameras: ${yaml}`
  return parseAgentConfig(text, '/etc/vedette-agent/agent.yaml').cameras
}

/** Watches that write down what begins and ends. */
function watches(yaml: string) {
  const said: string[] = []
  const made = new Watches(async (name, { detect }, signal) => {
    said.push(`begin ${name} at ${detect.fps}`)
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
    await undefined
    said.push(`end ${name}`)
  }, camerasOf(yaml))
  return { made, said }
}

describe('the cameras that are watched', () => {
  it('are those that were named, until they are let go', async () => {
    const { made, said } = watches('{ hall: a.mp4, gate: b.mp4 }')
    expect(made.names).toEqual(['hall', 'gate'])
    await made[Symbol.asyncDispose]()
    expect(said).toEqual(['begin hall at 5', 'begin gate at 5', 'end hall', 'end gate'])
  })

  it('change where their configuration does, and go on undisturbed where it does not', async () => {
    const { made, said } = watches('{ hall: a.mp4, gate: b.mp4, yard: c.mp4 }')
    said.length = 0
    const next = '{ yard: c.mp4, gate: { source: b.mp4, detect: { fps: 9 } }, door: d.mp4 }'
    expect(await made.adopt(camerasOf(next))).toEqual(['hall'])
    expect(said).toEqual(['end hall', 'end gate', 'begin gate at 9', 'begin door at 5'])
    expect(made.names.sort()).toEqual(['door', 'gate', 'yard'])
    await made[Symbol.asyncDispose]()
  })

  it('never have one camera watched twice: the old watch has ended before the new one begins', async () => {
    const { made, said } = watches('{ gate: b.mp4 }')
    await made.adopt(camerasOf('{ gate: c.mp4 }'))
    expect(said).toEqual(['begin gate at 5', 'end gate', 'begin gate at 5'])
    await made[Symbol.asyncDispose]()
  })
})
