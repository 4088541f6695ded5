import { useSignal } from '@preact/signals'
import { Tag } from '../../parts/Tag.tsx'
import { may } from '../../session.ts'
import { useWords } from '../../words.ts'
import { Answers } from './Answers.tsx'
import { Fields } from './Fields.tsx'
import type { Route } from './routes.ts'
import { fieldsOf, type Shape } from './shapes.ts'
import { TryIt } from './TryIt.tsx'

/** One thing that may be asked: what it needs, takes and gives. */
export function Operation({ route }: { route: Route }) {
  const t = useWords('docs')
  const open = useSignal(false)
  const { method, path, summary, id } = route
  return (
    <details
      class="operation card"
      id={id}
      onToggle={(event) => {
        open.value = event.currentTarget.open
      }}
    >
      <summary>
        <span class="method" data-method={method}>
          {method}
        </span>
        <code>{path}</code>
        <span class="quiet">{summary}</span>
        {route['x-grave'] && <Tag tone="warn">{t('grave')}</Tag>}
      </summary>
      {open.value && <Detail route={route} />}
    </details>
  )
}

function Detail({ route }: { route: Route }) {
  const t = useWords('docs')
  const { parameters, requestBody, 'x-needs': needs, 'x-recorded-as': act } = route
  const allowed = needs === null || may(needs as Parameters<typeof may>[0])
  const [type, body] = Object.entries(requestBody?.content ?? {})[0] ?? []
  return (
    <div class="stack">
      <dl class="facts">
        <dt>{t('needs')}</dt>
        <dd>
          {needs === null ? t('nobody') : <code>{needs}</code>}{' '}
          {!allowed && <Tag tone="danger">{t('notYours')}</Tag>}
        </dd>
        {act && (
          <>
            <dt>{t('recorded')}</dt>
            <dd>
              <code>{act}</code>
            </dd>
          </>
        )}
      </dl>
      {parameters.length > 0 && (
        <Fields
          caption={t('parameters')}
          rows={parameters.map(({ name, in: place, required, schema, description }) => {
            const shape = schema as Shape
            return {
              name,
              place: t(`in.${place}`),
              required,
              shape: { ...(description && { description }), ...shape },
            }
          })}
        />
      )}
      {body?.schema && (
        <Fields caption={t('body', { type })} rows={fieldsOf(body.schema as Shape)} />
      )}
      <Answers route={route} />
      {route.method === 'GET' && allowed && <TryIt route={route} />}
    </div>
  )
}
