import './wanted.css'
import { useLocation } from 'preact-iso'
import { may } from '../../session.ts'
import { waiting } from '../../waiting.ts'
import { useWords } from '../../words.ts'
import { Add } from './add.tsx'
import { Approvals } from './approvals.tsx'
import { EntryPage } from './entry.tsx'
import { Import } from './import.tsx'
import { Lists } from './lists.tsx'
import { People } from './people.tsx'

const TABS = [
  { tab: 'people', href: '/wanted', needs: 'entries.view' },
  { tab: 'add', href: '/wanted/add', needs: 'entries.enrol' },
  { tab: 'approvals', href: '/wanted/approvals', needs: 'entries.view' },
  { tab: 'import', href: '/wanted/import', needs: 'entries.enrol' },
  { tab: 'lists', href: '/wanted/lists', needs: 'lists.view' },
] as const

/** Who is looked for: lists, people, and all that becomes of them. */
export default function Wanted() {
  const t = useWords('wanted')
  const { path } = useLocation()
  const part = path.split('/')[2] ?? ''
  const here = TABS.find(({ href }) => href === `/wanted/${part}`) ?? TABS[0]
  return (
    <>
      <header class="wanted-head">
        <h1>{t('title')}</h1>
        <nav class="tabs" aria-label={t('tabs.label')}>
          {TABS.filter(({ needs }) => may(needs)).map(({ tab, href }) => (
            <a key={tab} href={href} aria-current={here.tab === tab ? 'page' : undefined}>
              {t(`tabs.${tab}`)}
              {tab === 'approvals' && waiting.value > 0 && (
                <span class="wanted-count">{waiting.value}</span>
              )}
            </a>
          ))}
        </nav>
      </header>
      <Part part={part} />
    </>
  )
}

function Part({ part }: { part: string }) {
  switch (part) {
    case '':
      return <People />
    case 'add':
      return <Add />
    case 'approvals':
      return <Approvals />
    case 'import':
      return <Import />
    case 'lists':
      return <Lists />
    default:
      return <EntryPage key={part} id={decodeURIComponent(part)} />
  }
}
