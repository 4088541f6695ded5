import { Field } from '../../parts/Field.tsx'
import { THEMES, type Theme, theme } from '../../theme.ts'
import { chooseLanguage, LANGUAGES, type Language, language, useWords } from '../../words.ts'

/** How the console looks and speaks in this browser. */
export function Preferences() {
  const t = useWords('profile')
  return (
    <section class="card stack">
      <h2>{t('here.title')}</h2>
      <Field label={t('here.language')}>
        {(tied) => (
          <select
            {...tied}
            value={language.value}
            onChange={(event) => void chooseLanguage(event.currentTarget.value as Language)}
          >
            {Object.entries(LANGUAGES).map(([key, word]) => (
              <option key={key} value={key} lang={key}>
                {word}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label={t('here.theme')}>
        {(tied) => (
          <select
            {...tied}
            value={theme.value}
            onChange={(event) => {
              theme.value = event.currentTarget.value as Theme
            }}
          >
            {THEMES.map((one) => (
              <option key={one} value={one}>
                {t(`here.themes.${one}`)}
              </option>
            ))}
          </select>
        )}
      </Field>
      <p class="small quiet">{t('here.kept')}</p>
    </section>
  )
}
