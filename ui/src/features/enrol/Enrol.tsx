/** The offering side: for whom, a QR code, then two people compare six digits. */
import { TextInput } from '@mantine/core'
import { Link, useSearch } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { useCall, useRpc } from '../../api/rpc'
import type { Req, Res } from '../../api/transport'
import { Refused } from '../../frame/Refused'
import { Screen } from '../../frame/Screen'
import parts from '../../records/parts.module.css'
import { professionWord } from '../../records/professions'
import { useLang, useWords } from '../../records/useWords'
import css from './enrol.module.css'
import { qrPath } from './qr'
import { enrolWords } from './words'

const PROFESSIONS = ['nurse', 'physician', 'pharmacist', 'cm', 'pt', 'ot', 'st', 'ccw', 'helper', 'dietitian', 'dentist', 'dh', 'msw', 'clerk'] as const

export function Enrol() {
  const say = useWords(enrolWords)
  const offer = useCall('enrol.offer', { quiet: true })
  const [name, setName] = useState('')
  const begin = (req: Req<'enrol.offer'>, whose: string) => { setName(whose); offer.mutate(req) }
  return (
    <Screen title={offer.data ? say(offer.variables?.admin ? 'forAdmin' : 'forPerson', { name }) : say('title')} back="/settings">
      {offer.data ? <Offered first={offer.data} onAgain={() => offer.reset()} /> : <ForWhom busy={offer.isPending} onOffer={begin} />}
      {offer.error ? <div className={css.pad}><Refused refusal={offer.error} onAgain={offer.variables ? () => offer.mutate(offer.variables) : undefined} /></div> : null}
    </Screen>
  )
}

function ForWhom({ busy, onOffer }: { busy: boolean; onOffer: (req: Req<'enrol.offer'>, whose: string) => void }) {
  const say = useWords(enrolWords)
  const lang = useLang()
  const { data: profile } = useRpc('profile.status', {})
  const { staff } = useSearch({ strict: false }) as { staff?: string }
  const team = useRpc('team.show', {})
  const [another, setAnother] = useState(staff === undefined)
  const [chosen, setChosen] = useState(staff)
  const [admin, setAdmin] = useState(false)
  const [name, setName] = useState('')
  const [profession, setProfession] = useState<string>('nurse')
  const known = (team.data?.staff ?? []).filter((each) => !each.removed).map((each) => each.person)
  const people = known.length > 0 ? known : profile?.me ? [profile.me] : []
  const whose = people.find((each) => each.staffId === chosen) ?? people.find((each) => each.isMe)
  const req: Req<'enrol.offer'> | null = another ? (name.trim() ? { newStaff: { name: name.trim(), profession }, admin } : null) : whose ? { staffId: whose.staffId, admin } : null
  return (
    <form className={css.form} onSubmit={(event) => { event.preventDefault(); if (req) onOffer(req, another ? name.trim() : (whose?.name ?? '')) }}>
      <h2>{say('whoTitle')}</h2>
      <div className={parts.seg}>{([true, false] as const).map((which) => <button key={String(which)} type="button" aria-pressed={another === which} onClick={() => setAnother(which)}>{say(which ? 'another' : 'ofTeam')}</button>)}</div>
      {another ? <>
        <TextInput label={say('name')} value={name} maxLength={60} autoComplete="off" onChange={(event) => setName(event.currentTarget.value)} classNames={{ input: css.input, label: css.label }} />
        <label><span className={css.label}>{say('profession')}</span><select className={css.input} value={profession} onChange={(event) => setProfession(event.currentTarget.value)}>{PROFESSIONS.map((code) => <option key={code} value={code}>{professionWord(code, lang)}</option>)}</select></label>
      </> : (
        <label><span className={css.label}>{say('name')}</span><select className={css.input} value={whose?.staffId ?? ''} onChange={(event) => setChosen(event.currentTarget.value)}>{people.map((each) => <option key={each.staffId} value={each.staffId}>{each.name}　{each.isMe ? say('me') : professionWord(each.profession, lang)}</option>)}</select></label>
      )}
      <label className={css.check}><input type="checkbox" checked={admin} onChange={(event) => setAdmin(event.currentTarget.checked)} /><span>{say('admin')}<small>{say('adminNote')}</small></span></label>
      <button type="submit" className={`${parts.btn} ${parts.act} ${parts.big}`} disabled={busy || req === null}>{say('offer')}</button>
      <p className={css.note}>{say('note')}</p>
    </form>
  )
}

function Offered({ first, onAgain }: { first: Res<'enrol.offer'>; onAgain: () => void }) {
  const say = useWords(enrolWords)
  const polled = useRpc('enrol.offer', { offerId: first.offerId }, { everyMs: 1_500, until: ({ state }) => state === 'done' || state === 'expired' })
  const approve = useCall('enrol.approve', { quiet: true })
  const offer = polled.data ?? first
  const { d, side } = qrPath(first.url)
  const unlike = approve.error?.code === 'digits_differ'
  const comparing = offer.state === 'compare' && !unlike
  const answer = (digitsMatch: boolean) => approve.mutate({ offerId: first.offerId, digitsMatch }, { onSuccess: () => (digitsMatch ? void polled.refetch() : onAgain()) })
  return (
    <div className={`${css.body} ${offer.digits ? css.taken : ''}`}>
      <section className={css.a}>
        <h2><span className={css.n}>1</span>{say('scan')}</h2>
        <p>{say('scanBody')}</p>
        <svg className={css.qr} viewBox={`0 0 ${side} ${side}`} shapeRendering="crispEdges" role="img" aria-label={say('qr')}><rect width={side} height={side} fill="#fff" /><path d={d} fill="#0f1a23" /></svg>
        <p className={`${css.code} ${css.address}`}><span className={css.label}>{say('address')}</span>{first.url.replace(/\/?#.*$/, '')}</p>
        <p className={css.code}><span className={css.label}>{say('code')}</span>{first.code.match(/.{1,4}/g)?.join(' ')}</p>
        <Countdown until={first.expiresMs} />
      </section>
      <section className={css.b}>
        <h2><span className={css.n}>2</span>{say('compare')}</h2>
        {unlike ? null : <p role="status">{offer.state === 'compare' ? say('compareBody') : say(offer.state)}</p>}
        {offer.digits && !unlike ? <p className={css.six} role="img" aria-label={[...offer.digits].join(' ')}><span>{offer.digits.slice(0, 3)}</span><span>{offer.digits.slice(3)}</span></p> : null}
        {comparing ? <div className={css.two}><button type="button" className={`${parts.btn} ${parts.big}`} disabled={approve.isPending} onClick={() => answer(true)}>{say('same')}</button><button type="button" className={`${parts.btn} ${parts.big}`} disabled={approve.isPending} onClick={() => answer(false)}>{say('different')}</button></div> : null}
        {approve.error ?? polled.error ? <Refused refusal={(approve.error ?? polled.error)!} onAgain={() => { if (unlike) onAgain(); else if (approve.error && approve.variables) answer(approve.variables.digitsMatch); else void polled.refetch() }} /> : null}
        {offer.state === 'expired' && !unlike ? <button type="button" className={`${parts.btn} ${parts.big}`} onClick={onAgain}>{say('again')}</button> : null}
        <p className={css.note}>{say('note')}</p>
        {offer.state === 'done' ? null : <Link to="/settings" className={`${parts.btn} ${parts.quiet}`}>{say('stop')}</Link>}
      </section>
    </div>
  )
}

function Countdown({ until }: { until: number }) {
  const say = useWords(enrolWords)
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000)
    return () => clearInterval(timer)
  }, [])
  const left = Math.max(0, Math.ceil((until - now) / 1_000))
  return <p className={css.time}>{left === 0 ? say('expired') : say('left', { m: Math.floor(left / 60), s: left % 60 })}</p>
}
