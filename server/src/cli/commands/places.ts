import { placeText } from '@vedette/shared/place'
import { Command, InvalidArgumentError } from 'commander'
import type { Placing } from '../../places/placing.ts'
import type { CameraPlace } from '../../store/places.ts'
import { globalsOf, openDesk } from '../context.ts'
import { print, table } from '../render.ts'

/** `vedette cameras places`. */
export function placesCommand(): Command {
  return new Command('places')
    .description('where cameras are')
    .option('--geojson', 'as a feature collection for a map')
    .action(async (options: { geojson?: true }, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      const all = await desk.json<CameraPlace[]>('GET', '/cameras/places')
      if (options.geojson) return print(geojson(all), { json: true }, () => '')
      print(all, globals, (places) =>
        table(
          ['CAMERA', 'PLACE', 'SAID BY'],
          places.map((camera) => [
            `${camera.agent}/${camera.camera}`,
            whereText(camera),
            camera.origin,
          ]),
        ),
      )
    })
}

/** `vedette cameras place AGENT/CAMERA …`. */
export function placeCommand(): Command {
  return new Command('place')
    .description('say where a camera is; counts more than what its agent says')
    .argument('<camera>', 'AGENT/CAMERA')
    .option('--lat <degrees>', 'latitude, WGS 84', degrees)
    .option('--lon <degrees>', 'longitude', degrees)
    .option('--address <words>', 'in place of both, where the server may ask somebody for it')
    .option('--bearing <degrees>', 'where it looks, clockwise from north', degrees)
    .option('--field <degrees>', 'how wide it looks', degrees)
    .option('--range <metres>', 'how far a face is still to be known', degrees)
    .option('--plan <id>', 'a floor plan that it is on (see: vedette plans list), with --x and --y')
    .option('--x <share>', 'where on the plan: 0 is its left edge, 1 its right', degrees)
    .option('--y <share>', '0 is the upper edge, 1 the lower', degrees)
    .option('--off-plan', 'it is on no floor plan any more')
    .option('--forget', 'go back to what its agent says')
    .action(async (name: string, options: PlaceOptions, command: Command) => {
      const globals = globalsOf(command)
      const path = `/cameras/${name.split('/').map(encodeURIComponent).join('/')}/place`
      await using desk = await openDesk(globals)
      const { forget, offPlan, plan, x, y } = options
      const on = path.replace(/place$/, 'plan')
      if (forget) await desk.json('DELETE', path)
      else if (offPlan) await desk.json('DELETE', on)
      else if (plan !== undefined) await desk.json('PUT', on, { plan, x, y })
      else await desk.json('PUT', path, placementOf(options))
      const done = { camera: name, done: forget || offPlan ? 'forgotten' : 'placed' }
      print(done, globals, ({ camera, done }) => `${done} ${camera}`)
    })
}

type PlaceOptions = {
  lat?: number
  lon?: number
  address?: string
  bearing?: number
  field?: number
  range?: number
  plan?: string
  x?: number
  y?: number
  offPlan?: true
  forget?: true
}

function placementOf({ lat, lon, address, bearing, field, range }: PlaceOptions): Placing {
  return { latitude: lat, longitude: lon, address, bearing, fieldOfView: field, range }
}

function whereText({ place, address, plan }: CameraPlace): string {
  const ground = place === null ? address && `${address} (not found on the map)` : placeText(place)
  const floor = plan && `floor plan ${plan.plan} at ${plan.x.toFixed(3)}, ${plan.y.toFixed(3)}`
  return [ground, floor].filter(Boolean).join('; ') || 'nobody said'
}

function degrees(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value)) return value
  throw new InvalidArgumentError('expected degrees, such as 47.3769')
}

/** After RFC 7946: longitude comes first. Cameras that are nowhere are left out. */
function geojson(places: readonly CameraPlace[]) {
  return {
    type: 'FeatureCollection',
    features: places.flatMap(({ agent, camera, place, origin }) => {
      if (place === null) return []
      const { latitude, longitude, ...view } = place
      return {
        type: 'Feature',
        geometry: { type: 'Point', coordinates: [longitude, latitude] },
        properties: { agent, camera, origin, ...view },
      }
    }),
  }
}
