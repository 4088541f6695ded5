import { useLocation } from 'preact-iso'
import { useWords } from '../../words.ts'
import { Acts } from './Acts.tsx'
import { Person } from './Person.tsx'
import { Rules } from './Rules.tsx'
import { Whole } from './Whole.tsx'
import '../../styles/print.css'
import './record.css'

const TABS = { '': Acts, whole: Whole, person: Person, rules: Rules } as const

/** Who did what, when, from where and why; and whether that is all of it. */
export default function RecordPage() {
  const t = useWords('record')
  const { path } = useLocation()
  const here = path.split('/')[2] ?? ''
  const tab = here in TABS ? (here as keyof typeof TABS) : ''
  const Tab = TABS[tab]
  return (
    <>
      <header>
        <h1>{t('title')}</h1>
        <nav class="tabs" aria-label={t('title')}>
          {(Object.keys(TABS) as (keyof typeof TABS)[]).map((name) => (
            <a
              key={name}
              href={name === '' ? '/record' : `/record/${name}`}
              aria-current={name === tab ? 'page' : undefined}
            >
              {t(`tab.${name || 'acts'}`)}
            </a>
          ))}
        </nav>
      </header>
      <Tab />
    </>
  )
}
