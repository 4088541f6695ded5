import { useLocation } from 'preact-iso'
import { may } from '../../session.ts'
import { useWords } from '../../words.ts'
import { Past } from './Past.tsx'
import { Search } from './Search.tsx'
import './history.css'

/** What was seen: alerts page by page, and whoever was nobody's while a list had them kept. */
export default function History() {
  const t = useWords('history')
  const { path } = useLocation()
  const searching = path === '/history/search'
  return (
    <>
      <header>
        <h1>{t('title')}</h1>
        {may('past.search') && (
          <nav class="tabs" aria-label={t('title')}>
            <a href="/history" aria-current={searching ? undefined : 'page'}>
              {t('tab.alerts')}
            </a>
            <a href="/history/search" aria-current={searching ? 'page' : undefined}>
              {t('tab.search')}
            </a>
          </nav>
        )}
      </header>
      {searching ? <Search /> : <Past />}
    </>
  )
}
