import type { RoleRow } from '@vedette/server/desk/answered/operators'
import type { Role } from '@vedette/server/operators/roles'
import { Problem } from '../../parts/Problem.tsx'
import { SelectField } from '../../parts/SelectField.tsx'
import { useDesk } from '../../use-desk.ts'
import { useWords } from '../../words.ts'

/** From the least to the most. */
const ROLES = ['viewer', 'operator', 'enroller', 'approver', 'admin', 'auditor'] as const

export function RoleField({ role, onChange }: { role: Role; onChange: (role: Role) => void }) {
  const t = useWords('people')
  return (
    <SelectField
      label={t('role')}
      hint={t(`roleIs.${role}`)}
      value={role}
      onValue={onChange}
      options={ROLES.map((one) => [one, t(`roles.${one}`)])}
    />
  )
}

/** What each role may do, as the desk judges it. */
export function Roles() {
  const t = useWords('people')
  const roles = useDesk<RoleRow[]>('/roles')
  const all = roles.data?.find(({ role }) => role === 'admin')?.permissions ?? []
  return (
    <details class="card roles">
      <summary>
        <h2>{t('matrix')}</h2>
      </summary>
      <Problem problem={roles.problem} onRetry={roles.reload} />
      <div class="scroll-x">
        <table>
          <thead>
            <tr>
              <th scope="col">{t('permission')}</th>
              {roles.data?.map(({ role }) => (
                <th scope="col" key={role}>
                  {t(`roles.${role}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {all.map((permission) => (
              <tr key={permission}>
                <th scope="row">
                  <code>{permission}</code>
                </th>
                {roles.data?.map(({ role, permissions }) => (
                  <td key={role}>{permissions.includes(permission) ? t('yes') : '–'}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  )
}
