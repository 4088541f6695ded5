import type { Place } from '@vedette/shared/place'
import type { Selectable } from 'kysely'
import type { Hand } from '../hand.ts'
import type { Placing, PlanSpot } from '../places/placing.ts'
import { type Act, appendAct, recording } from './audit.ts'
import { type Database, guarded } from './database.ts'
import type { Schema } from './schema.ts'

type Camera = { agent: string; camera: string }
type Row = Selectable<Schema['cameraPlaces']> & {
  foundLatitude: number | null
  foundLongitude: number | null
}

/** Who said where a camera is: the operator's word counts more. */
export type Origin = 'operator' | 'agent'

/** Where a camera is, as far as it is known. */
export type CameraPlace = Camera & {
  origin: Origin
  /** Null while nobody has found out where the address is. */
  place: Place | null
  address: string | null
  /** Where it looks and how wide, degrees, and how far, metres; null: nobody said. */
  view: View
  /** The floor plan that it is on, if any. */
  plan: PlanSpot | null
}

export type View = { bearing: number | null; fieldOfView: number | null; range: number | null }

/** Where the world has an address. */
export type Geocode = { latitude: number; longitude: number; provider: string }

/** Where cameras stand, and where addresses are. */
export class PlaceStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** An agent has said where its cameras are: all that it said before is forgotten. */
  async report(
    agent: string,
    cameras: readonly (Placing & { camera: string })[],
    at: number,
  ): Promise<void> {
    await guarded(() =>
      this.#db.transaction().execute(async (tx) => {
        await tx
          .deleteFrom('cameraPlaces')
          .where('agent', '=', agent)
          .where('origin', '=', 'agent')
          .execute()
        for (const { camera, ...placement } of cameras) {
          await put(tx, { agent, camera }, 'agent', placement, at)
        }
      }),
    )
  }

  /** An operator says where a camera is. */
  async set(camera: Camera, placement: Placing, hand: Hand, at: number): Promise<void> {
    const act: Act = { kind: 'camera.placed', hand, at, about: aboutOf(camera) }
    await recording(this.#db, act, (tx) => put(tx, camera, 'operator', placement, at))
  }

  /** What an operator said is forgotten; tells whether there was anything. */
  async unset({ agent, camera }: Camera, hand: Hand, at: number): Promise<boolean> {
    return guarded(() =>
      this.#db.transaction().execute(async (tx) => {
        const { numDeletedRows } = await tx
          .deleteFrom('cameraPlaces')
          .where('agent', '=', agent)
          .where('camera', '=', camera)
          .where('origin', '=', 'operator')
          .executeTakeFirst()
        const about = aboutOf({ agent, camera })
        if (numDeletedRows > 0n) await appendAct(tx, { kind: 'camera.unplaced', hand, at, about })
        return numDeletedRows > 0n
      }),
    )
  }

  /** Whoever said where the camera is: that is forgotten. */
  async forget({ agent, camera }: Camera): Promise<void> {
    await guarded(() =>
      this.#db
        .deleteFrom('cameraPlaces')
        .where('agent', '=', agent)
        .where('camera', '=', camera)
        .execute(),
    )
  }

  /** Every camera that somebody has placed, on the ground or on a plan. */
  async all(): Promise<CameraPlace[]> {
    const rows = await guarded(() => rowsOf(this.#db).orderBy('agent').orderBy('camera').execute())
    const said = new Map<string, Row[]>()
    for (const row of rows) {
      const key = `${row.agent}/${row.camera}`
      said.set(key, [...(said.get(key) ?? []), row])
    }
    const placed = [...said.values()].map((each) => toCameraPlace(together(each)))
    return onPlans(placed, await this.#spots())
  }

  async geocode(address: string): Promise<Geocode | undefined> {
    return guarded(() =>
      this.#db
        .selectFrom('geocodes')
        .select(['latitude', 'longitude', 'provider'])
        .where('address', '=', address)
        .executeTakeFirst(),
    )
  }

  /** Keeps where `address` is. */
  async learn(address: string, geocode: Geocode, at: number): Promise<void> {
    const row = { ...geocode, at }
    await guarded(() =>
      this.#db
        .insertInto('geocodes')
        .values({ address, ...row })
        .onConflict((conflict) => conflict.column('address').doUpdateSet(row))
        .execute(),
    )
  }

  /** Addresses of cameras that nobody has found yet. */
  async unfound(): Promise<string[]> {
    const rows = await guarded(() =>
      rowsOf(this.#db)
        .where('cameraPlaces.address', 'is not', null)
        .where('geocodes.latitude', 'is', null)
        .execute(),
    )
    return [...new Set(rows.map(({ address }) => address!))]
  }

  #spots(): Promise<(Camera & PlanSpot)[]> {
    return guarded(() =>
      this.#db
        .selectFrom('planPlaces')
        .select(['agent', 'camera', 'plan', 'x', 'y'])
        .orderBy('agent')
        .orderBy('camera')
        .execute(),
    )
  }
}

/** What the operator said, and what she left out as the agent says it: she may have said how it looks alone. */
function together(rows: readonly Row[]): Row {
  const mine = rows.find(({ origin }) => origin === 'operator')
  const its = rows.find(({ origin }) => origin === 'agent')
  if (mine === undefined || its === undefined) return (mine ?? its)!
  if (mine.latitude !== null || mine.address !== null) return mine
  const { latitude, longitude, address, foundLatitude, foundLongitude } = its
  return {
    ...mine,
    ...{ latitude, longitude, address, foundLatitude, foundLongitude },
    bearing: mine.bearing ?? its.bearing,
    fieldOfView: mine.fieldOfView ?? its.fieldOfView,
  }
}

function toCameraPlace(row: Row): CameraPlace {
  const { agent, camera, address, bearing, fieldOfView, range } = row
  const view = { bearing, fieldOfView, range }
  return {
    ...{ agent, camera, origin: row.origin as Origin, place: toPlace(row) },
    ...{ address, view, plan: null },
  }
}

/** The same cameras with where they are on plans, and those that are on plans alone. */
function onPlans(placed: readonly CameraPlace[], spots: readonly (Camera & PlanSpot)[]) {
  const keyOf = ({ agent, camera }: Camera) => `${agent}/${camera}`
  const all = new Map(placed.map((place) => [keyOf(place), place]))
  for (const { agent, camera, plan, x, y } of spots) {
    const view = { bearing: null, fieldOfView: null, range: null }
    const nowhere = { agent, camera, origin: 'operator', place: null, address: null, view } as const
    const place = all.get(keyOf({ agent, camera })) ?? nowhere
    all.set(keyOf(place), { ...place, plan: { plan, x, y } })
  }
  return [...all.values()]
}

/** Where a camera is as far as is known now, as JSON: for the alert that it raises. */
export async function placeJson(db: Database, { agent, camera }: Camera): Promise<string | null> {
  const rows = await rowsOf(db).where('agent', '=', agent).where('camera', '=', camera).execute()
  const place = rows.length > 0 && toPlace(together(rows))
  return place ? JSON.stringify(place) : null
}

async function put(
  db: Database,
  { agent, camera }: Camera,
  origin: Origin,
  { latitude, longitude, address, bearing, fieldOfView, range }: Placing,
  at: number,
): Promise<void> {
  const row = {
    ...{ latitude: latitude ?? null, longitude: longitude ?? null, address: address ?? null },
    ...{ bearing: bearing ?? null, fieldOfView: fieldOfView ?? null },
    ...{ range: range ?? null, at },
  }
  await db
    .insertInto('cameraPlaces')
    .values({ agent, camera, origin, ...row })
    .onConflict((conflict) => conflict.columns(['agent', 'camera', 'origin']).doUpdateSet(row))
    .execute()
}

function rowsOf(db: Database) {
  return db
    .selectFrom('cameraPlaces')
    .leftJoin('geocodes', 'geocodes.address', 'cameraPlaces.address')
    .selectAll('cameraPlaces')
    .select(['geocodes.latitude as foundLatitude', 'geocodes.longitude as foundLongitude'])
}

function toPlace(row: Row): Place | null {
  const [latitude, longitude] = [
    row.latitude ?? row.foundLatitude,
    row.longitude ?? row.foundLongitude,
  ]
  if (latitude === null || longitude === null) return null
  const { bearing, fieldOfView, address } = row
  return { latitude, longitude, bearing, fieldOfView, address }
}

function aboutOf({ agent, camera }: Camera) {
  return { agent, camera: `${agent}/${camera}` }
}
