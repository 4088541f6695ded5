import { Refusal } from '@vedette/shared/errors'
import { isName } from '@vedette/shared/identity'
import type { Hand } from '../hand.ts'
import type { NewOperator } from '../store/operators/operators.ts'
import { rolesWith } from './roles.ts'
import type { Scope } from './scope.ts'

const LONGEST_FULL_NAME = 200
const MOST_IN_SCOPE = 200

/** Nobody raises themselves, nor takes from themselves what another gave. */
export function refuseOwn(name: string, { by }: Hand): void {
  if (name !== by) return
  throw new Refusal('operator.own', 'nobody changes what they may do themselves', {
    hint: `ask another of: ${rolesWith('operators.manage').join(', ')}`,
    params: { roles: rolesWith('operators.manage') },
  })
}

/** Throws Refusal `operator.invalid`. */
export function checkName({ name, fullName }: Pick<NewOperator, 'name' | 'fullName'>): void {
  if (!isName(name)) {
    throw new Refusal('operator.invalid', `'${name}' is no name`, {
      hint: 'lower-case letters, digits and inner hyphens',
      params: { name },
    })
  }
  if (fullName.length > LONGEST_FULL_NAME) {
    throw new Refusal('operator.invalid', `a full name has ${LONGEST_FULL_NAME} characters at most`)
  }
}

/** Throws Refusal `operator.invalid`. */
export function checkScope({ lists, cameras }: Scope): void {
  const one = [...(lists ?? []), ...(cameras ?? [])]
  if (one.length > MOST_IN_SCOPE || one.some((each) => each === '' || each.length > 200)) {
    throw new Refusal(
      'operator.invalid',
      `a scope names ${MOST_IN_SCOPE} lists and cameras at most`,
    )
  }
  const odd = cameras?.find((camera) => {
    const [agent = '', name = '', ...more] = camera.split('/')
    return more.length > 0 || !isName(agent) || (name !== '*' && !isName(name))
  })
  if (odd === undefined) return
  throw new Refusal('operator.invalid', `'${odd}' is no camera`, {
    hint: 'write AGENT/CAMERA, or AGENT/* for every camera of an agent',
    params: { camera: odd },
  })
}

export function scopeDetails({ lists, cameras }: Scope): {
  lists: string | null
  cameras: string | null
} {
  return { lists: lists?.join(' ') ?? null, cameras: cameras?.join(' ') ?? null }
}
