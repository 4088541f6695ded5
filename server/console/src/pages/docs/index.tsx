import type { OpenApi } from '@vedette/server/desk/openapi'
import { TextField } from '../../parts/TextField.tsx'
import './docs.css'
import { useSignal } from '@preact/signals'
import { urlOf } from '../../desk.ts'
import { Empty } from '../../parts/Empty.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { Progress } from '../../parts/Progress.tsx'
import { useDesk } from '../../use-desk.ts'
import { useWords } from '../../words.ts'
import { Operation } from './Operation.tsx'
import { groupsOf } from './routes.ts'

const FILE = '/openapi.json'

/** What programs may ask of the desk, from the desk's own description. */
export default function Docs() {
  const t = useWords('docs')
  const wanted = useSignal('')
  const { data, problem, busy } = useDesk<OpenApi>(FILE)
  const groups = data === undefined ? [] : groupsOf(data, wanted.value)
  const count = groups.reduce((sum, { routes }) => sum + routes.length, 0)
  return (
    <>
      <header>
        <h1>{t('title')}</h1>
        <a class="button" href={urlOf(FILE)} download="vedette-openapi.json">
          {t('save')}
        </a>
      </header>
      <p>{t('intro')}</p>
      <Problem problem={problem} />
      {busy && data === undefined && <Progress label={t('reading')} />}
      {data && (
        <>
          <TextField
            label={t('find')}
            hint={<span aria-live="polite">{t('found', { count })}</span>}
            type="search"
            placeholder={t('example')}
            field={wanted}
          />
          {groups.length === 0 && <Empty title={t('none')} />}
          {groups.map(({ name, routes }) => (
            <section key={name} class="routes" aria-labelledby={`group-${name}`}>
              <h2 id={`group-${name}`}>{name}</h2>
              {routes.map((route) => (
                <Operation key={route.id} route={route} />
              ))}
            </section>
          ))}
        </>
      )}
    </>
  )
}
