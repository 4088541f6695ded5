import { useSignal } from '@preact/signals'
import type { Role } from '@vedette/server/operators/roles'
import type { Scope } from '@vedette/server/operators/scope'
import { useMemo } from 'preact/hooks'
import { desk } from '../../desk.ts'
import { Button } from '../../parts/Button.tsx'
import { Dialog } from '../../parts/Dialog.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { TextField } from '../../parts/TextField.tsx'
import { asProblem, type DeskProblem } from '../../problem.ts'
import { useWords } from '../../words.ts'
import { oneTimePassword } from './one-time.ts'
import { RoleField } from './roles.tsx'
import { ScopeFields } from './scope.tsx'

/** Somebody new, with a password that they change when they first sign in. */
export function AddPerson({ onClose }: { onClose: () => void }) {
  const t = useWords('people')
  const name = useSignal('')
  const fullName = useSignal('')
  const role = useSignal<Role>('operator')
  const scope = useSignal<Scope>({ lists: null, cameras: null })
  const busy = useSignal(false)
  const problem = useSignal<DeskProblem | undefined>(undefined)
  const made = useSignal<string | undefined>(undefined)
  const password = useMemo(oneTimePassword, [])

  const add = async () => {
    busy.value = true
    problem.value = undefined
    try {
      const account = { name: name.value, fullName: fullName.value, role: role.value, password }
      await desk.post('/operators', { ...account, ...scope.value })
      made.value = name.value
    } catch (error) {
      problem.value = asProblem(error)
    } finally {
      busy.value = false
    }
  }

  if (made.value !== undefined) {
    return <OneTime name={made.value} password={password} onClose={onClose} />
  }
  return (
    <Dialog
      title={t('add.title')}
      onClose={onClose}
      onSubmit={() => void add()}
      footer={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button type="submit" kind="primary" busy={busy.value} disabled={name.value === ''}>
            {t('add.do')}
          </Button>
        </>
      }
    >
      <Problem problem={problem.value} />
      <TextField
        label={t('name')}
        hint={t('nameHint')}
        required
        maxLength={63}
        autocapitalize="none"
        spellcheck={false}
        field={name}
      />
      <TextField label={t('fullName')} maxLength={200} field={fullName} />
      <RoleField
        role={role.value}
        onChange={(next) => {
          role.value = next
        }}
      />
      <ScopeFields
        scope={scope.value}
        onChange={(next) => {
          scope.value = next
        }}
      />
    </Dialog>
  )
}

/** Shown once: to be handed over, and changed at the first sign-in. */
export function OneTime(props: { name: string; password: string; onClose: () => void }) {
  const t = useWords('people')
  const { name, password, onClose } = props
  return (
    <Dialog
      title={t('oneTime.title', { name })}
      onClose={onClose}
      footer={
        <>
          <Button onClick={() => void navigator.clipboard.writeText(password)}>
            {t('oneTime.copy')}
          </Button>
          <Button kind="primary" onClick={onClose}>
            {t('oneTime.done')}
          </Button>
        </>
      }
    >
      <p>{t('oneTime.text')}</p>
      <p class="one-time">
        <code>{password}</code>
      </p>
    </Dialog>
  )
}
