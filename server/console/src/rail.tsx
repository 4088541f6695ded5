import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { counts } from './counts.ts'
import { desk } from './desk.ts'
import { type Page, startOf } from './pages.ts'
import { Button } from './parts/Button.tsx'
import { Icon } from './parts/icons.tsx'
import { left, session } from './session.ts'
import { link } from './stream.ts'
import { localTime, utcTime } from './time.tsx'
import { useWords } from './words.ts'

/** Where everything is: pages, whether the desk is there, the time, and who is signed in. */
export function Rail({ pages }: { pages: readonly Page[] }) {
  const t = useWords('shell')
  const { path } = useLocation()
  const open = useSignal(false)
  const here = pages.find((page) => isBelow(path, startOf(page)))
  const title = here ? t(`page.${here.name}` as 'page.start') : ''
  const first = counts.value[here?.name ?? ''] ?? 0
  useEffect(() => {
    open.value = false
    document.title = `${first > 0 ? `(${first}) ` : ''}${title} · Vedette`
  }, [path, title, first])
  return (
    <div class="rail" data-open={open.value}>
      <a class="brand" href="/">
        <img src="/icon.svg" alt="" width="26" height="26" />
        Vedette
      </a>
      <LinkState />
      <span class="menu">
        <Button
          kind="quiet"
          aria-label={t('menu')}
          aria-expanded={open.value}
          onClick={() => {
            open.value = !open.value
          }}
        >
          <Icon name="menu" />
        </Button>
      </span>
      <nav aria-label={t('pages')}>
        {pages
          .filter(({ icon }) => icon)
          .map((page) => (
            <a
              key={page.path}
              href={startOf(page)}
              aria-current={page === here ? 'page' : undefined}
            >
              {page.icon && <Icon name={page.icon} />}
              {t(`page.${page.name}` as 'page.start')}
              <Count of={page.name} />
            </a>
          ))}
      </nav>
      <div class="foot">
        <Clock />
        <div class="me">
          <a href="/profile">{session.value?.name}</a>
          <Button kind="quiet" aria-label={t('signOut')} title={t('signOut')} onClick={signOut}>
            <Icon name="leave" />
          </Button>
        </div>
      </div>
    </div>
  )
}

function Count({ of }: { of: string }) {
  const count = counts.value[of] ?? 0
  return count > 0 ? <span class="count">{count}</span> : null
}

function LinkState() {
  const t = useWords('shell')
  const { state } = link.value
  return (
    <span class="link">
      <span class="dot" data-state={state} />
      {t(`link.${state === 'up' ? 'isUp' : state === 'down' ? 'isDown' : 'connecting'}`)}
    </span>
  )
}

function Clock() {
  const now = useSignal(Date.now())
  useEffect(() => {
    const timer = setInterval(() => {
      now.value = Date.now()
    }, 1000)
    return () => clearInterval(timer)
  }, [])
  return (
    <span class="clock">
      {localTime(now.value, now.value)} · {utcTime(now.value, now.value)}
    </span>
  )
}

function isBelow(path: string, page: string): boolean {
  return path === page || path.startsWith(`${page}/`)
}

async function signOut(): Promise<void> {
  // Gone here in any case: a desk that cannot be reached must not keep somebody signed in.
  await desk.delete('/session').catch(() => {})
  left()
}
