import { encodeJpeg } from '@vedette/models/picture'
import { testFace } from '@vedette/models/test-face'
import { rulesSchema } from '@vedette/server/channels/rules'
import sharp from 'sharp'
import { seeded } from './agent-random.ts'
import { signable } from './server-console.ts'
import type { Deployment } from './server-deployment.ts'
import { type Sight, TestDesk } from './server-desk.ts'
import { HAND, newEntry, newPhoto } from './server-store.ts'

/** People who do not exist, under names that nobody has. */
const PEOPLE = [
  {
    name: 'Aurel Testmann',
    reason: 'arrest warrant',
    authority: 'District court',
    caseNumber: '4711',
  },
  {
    name: 'Berta Probst',
    reason: 'missing since 3 March',
    authority: 'Police, missing persons',
    caseNumber: '4712',
  },
  { name: 'Cosmo Muster', reason: 'stadium ban', authority: 'City', caseNumber: '4713' },
  {
    name: 'Dora Beispiel',
    reason: 'arrest warrant',
    authority: 'District court',
    caseNumber: '4714',
  },
  { name: 'Emil Nowhere', reason: 'stadium ban', authority: 'City', caseNumber: '4715' },
  {
    name: 'Flora Nemo',
    reason: 'missing since 9 June',
    authority: 'Police, missing persons',
    caseNumber: '4716',
  },
] as const
const LEGAL_BASIS = 'Police act, section 14'
const PLACES = [
  { agent: 'gate-7', camera: 'north', latitude: 52.5251, longitude: 13.3694 },
  { agent: 'gate-7', camera: 'south', latitude: 52.5241, longitude: 13.3692 },
  { agent: 'hall', camera: 'escalator', latitude: 52.5219, longitude: 13.4132 },
] as const
const MINUTE_MS = 60_000

/** The face of nobody in other colours, larger or smaller: JPEG. */
export async function faceOfNobody(number: number, side = 320, quality = 88): Promise<Buffer> {
  const drawn = await encodeJpeg(await testFace(side), 95)
  const hue = [0, 18, 340, 8, 350, 25][number % 6]!
  const brightness = 0.72 + ((number * 7) % 10) / 20
  return sharp(drawn)
    .flop(number % 2 === 0)
    .modulate({ hue, brightness })
    .jpeg({ quality })
    .toBuffer()
}

/** A control room in which something has happened: lists, people, cameras, alerts in every state. */
export async function controlRoom(deployment: Deployment, sight: Sight): Promise<TestDesk> {
  const desk = await TestDesk.open(deployment, sight)
  await signable(desk, 'vera', 'admin')
  await signable(desk, 'otto', 'operator')
  const { store } = desk.stored
  await lookable(desk)
  const random = seeded(6)
  const entries: string[] = []
  for (const [i, details] of PEOPLE.entries()) {
    const jpeg = await faceOfNobody(i + 1)
    const photos = [newPhoto(i + 1, { jpeg }), ...(i % 2 ? [newPhoto(i + 20, { jpeg })] : [])]
    const person = { ...details, legalBasis: LEGAL_BASIS }
    const { entry } = await store.entries.add(newEntry(details.name, person), photos)
    entries.push(entry.id)
  }
  desk.connected.push('gate-7')
  const cameras = PLACES.map(({ agent, camera }) => ({ agent, camera }))
  const here = cameras.filter(({ agent }) => agent === 'gate-7')
  desk.here.cameras.push(...here)
  desk.here.checkable.push(...here)
  for (const agent of ['gate-7', 'hall']) {
    const own = cameras.filter((place) => place.agent === agent).map(({ camera }) => camera)
    const greeting = { name: agent, serial: `0${own.length}`, software: '0.1.0', cameras: own }
    await store.agents.welcomed(greeting, Date.now())
    await desk.cameras.announced(agent, own)
  }
  for (const [i, { agent, camera, latitude, longitude }] of PLACES.entries()) {
    const placement = { latitude, longitude, bearing: 90 * i, fieldOfView: 70, range: 30 }
    await store.places.set({ agent, camera }, placement, HAND, Date.now())
  }
  desk.cameras.review()
  await tellOthers(desk)
  const now = Date.now()
  for (const [i, entry] of entries.entries()) {
    for (let walk = 0; walk <= i % 3; walk++) {
      const { agent, camera } = PLACES[(i + walk) % PLACES.length]!
      const capturedAt = now - (i * 7 + walk * 3 + 1) * MINUTE_MS - Math.floor(random() * MINUTE_MS)
      const chip = await faceOfNobody(i + 1, 160, 70)
      const box: [number, number, number, number] = [300, 120, 90, 110]
      const probe = { agent, camera, capturedAt, receivedAt: capturedAt + 90, chip, box }
      const score = 0.951 + random() * 0.04
      await desk.alert(entry, {
        score,
        certain: i % 2 === 0,
        runnerUp: 0.88 + random() * 0.05,
        probe,
      })
    }
  }
  const alerts = await store.alerts.list({ limit: 50 })
  const [first, second, third] = alerts.toReversed()
  if (first) await store.decisions.acknowledge(first.id, { hand: HAND, at: now, note: null })
  if (second) {
    await store.decisions.resolve(second.id, 'false', {
      hand: HAND,
      at: now,
      note: 'another coat, another man',
    })
  }
  if (third)
    await store.decisions.resolve(third.id, 'true', {
      hand: HAND,
      at: now,
      note: 'met at the gate',
    })
  return desk
}

/** Cameras of agent gate-7 can be looked through; the hall's agent is away. */
async function lookable({ lens, live }: TestDesk): Promise<void> {
  const picture = await sharp(await faceOfNobody(3, 300))
    .extend({ top: 20, bottom: 40, left: 120, right: 220, background: '#39424c' })
    .jpeg({ quality: 75 })
    .toBuffer()
  const showing = new Map<string, NodeJS.Timeout>()
  lens.viewing = ({ agent }) => (agent === 'gate-7' ? 'on' : 'away')
  lens.onAsk = (agent, { camera, lease }) => {
    clearInterval(showing.get(camera))
    const show = () =>
      live.view(agent, {
        ...{ type: 'view', n: 0, camera, capturedAt: Date.now(), width: 1280, height: 720 },
        faces: [
          { track: 'track-3f2a', box: [380, 180, 330, 380], quality: 0.81, asked: 2 },
          { track: 'track-90c1', box: [1040, 120, 70, 80], quality: 0.04, poor: 'size', asked: 0 },
        ],
        picture,
      })
    if (lease > 0) showing.set(camera, setInterval(show, 150).unref())
  }
}

/** A system that does not answer, and people's devices of which there are none yet. */
async function tellOthers({ channels }: TestDesk): Promise<void> {
  const url = 'http://127.0.0.1:9/hook'
  const rules = rulesSchema.parse({ names: true })
  await channels.add({ kind: 'webhook', name: 'Duty system', rules, settings: { url } }, HAND)
  const subject = 'mailto:desk@house.example'
  const usual = rulesSchema.parse({ priority: 2 })
  await channels.add({ kind: 'push', name: 'Phones', rules: usual, settings: { subject } }, HAND)
}
