import { useEffect } from 'preact/hooks'
import { ErrorBoundary, LocationProvider, Route, Router, useLocation } from 'preact-iso'
import { watchAlerts } from './alerts/watch.ts'
import { Banner } from './banner.tsx'
import { desk } from './desk.ts'
import { Owed, PAGES, type Page, SignIn, startOf } from './pages.ts'
import { Questions } from './parts/ask.tsx'
import { Empty } from './parts/Empty.tsx'
import { Toasts, toast } from './parts/toast.tsx'
import { PRESENT_HEADER, tellPresence } from './presence.ts'
import { Rail } from './rail.tsx'
import { began, may, type Session, session } from './session.ts'
import { follow, stopFollowing } from './stream.ts'
import { watchWaiting } from './waiting.ts'
import { useWords, wordsOf } from './words.ts'

const mayOpen = ({ needs }: Page) => needs === undefined || may(needs)

export function App() {
  const who = session.value
  useEffect(() => {
    const watching = who && may('alerts.view')
    const stopWatching = watching ? watchAlerts() : () => {}
    if (watching) follow()
    const stopTelling = who ? tell() : () => {}
    return () => {
      stopTelling()
      stopFollowing()
      stopWatching()
    }
  }, [who?.name, who?.owes])
  if (who === undefined) return null
  return (
    <LocationProvider>
      <ErrorBoundary>
        {who === null ? <SignIn /> : who.owes ? <Owed /> : <SignedIn />}
      </ErrorBoundary>
      <Questions />
      <Toasts />
    </LocationProvider>
  )
}

function tell(): () => void {
  return tellPresence(() => session.peek()?.expiresAt ?? Number.POSITIVE_INFINITY, {
    ask: () => desk.get<Session>('/session', { headers: { [PRESENT_HEADER]: '1' } }),
    onAnswer: began,
    onEnding: (stay) => {
      const t = wordsOf('shell')
      toast(t('idle.ending'), { label: t('idle.stay'), run: stay })
    },
  })
}

function SignedIn() {
  const t = useWords('shell')
  const { path } = useLocation()
  const open = PAGES.filter(mayOpen)
  const looks = may('entries.view')
  useEffect(() => (looks ? watchWaiting() : undefined), [looks])
  const bare = open.find((page) => page.bare && page.path === path)
  const routes = (
    <Router>
      {open.map(({ path, view }) => (
        <Route key={path} path={path} component={view} />
      ))}
      <Route path="/" component={Home} />
      <Route default component={Missing} />
    </Router>
  )
  if (bare) return routes
  return (
    <div class="shell">
      <a class="skip button" href="#page">
        {t('skip')}
      </a>
      <Banner />
      <Rail pages={open} />
      <main class="page" id="page" tabIndex={-1}>
        {routes}
      </main>
    </div>
  )
}

/** The first page of the rail. */
function Home() {
  const { route } = useLocation()
  const first = PAGES.filter(mayOpen).find(({ icon }) => icon)
  useEffect(() => {
    if (first) route(startOf(first), true)
  }, [first])
  return null
}

function Missing() {
  const t = useWords('shell')
  return (
    <Empty title={t('missing.title')}>
      <p>{t('missing.text')}</p>
      <a href="/">{t('missing.back')}</a>
    </Empty>
  )
}
