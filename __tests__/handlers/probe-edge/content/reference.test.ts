import { describe, expect, it } from 'vitest'
import { type Reference, referenceProblem } from '../../../../handlers/probe-edge/content/reference.ts'

const aReference = (headers: Record<string, string> = { 'cf-cache-status': 'MISS' }, changes: Partial<Reference> = {}): Reference => ({
  headers,
  body: 'a page',
  marker: 'a1',
  ...changes,
})
const echo = (marker: string, echoed = marker): Reference => aReference({ 'x-cache': 'HIT' }, { marker, body: `purgeflow=${echoed}` })

describe('a reference', () => {
  it('that repeats its own query string is the site’s, whatever the headers say', () => {
    expect(referenceProblem(echo('a1'), echo('b2'))).toBeUndefined()
  })

  it('that repeats the query string of another request is none', () => {
    expect(referenceProblem(echo('a1'), echo('b2', 'a1'))).toMatch(/x-cache: HIT/)
  })

  it.each<[string, Record<string, string>]>([
    ['Cloudflare', { 'cf-cache-status': 'MISS' }],
    ['Cloudflare, which caches no pages', { 'cf-cache-status': 'DYNAMIC' }],
    ['CloudFront', { 'x-cache': 'Miss from cloudfront' }],
    ['nginx', { 'x-fastcgi-cache': 'MISS', age: '0' }],
  ])('of which every cache on the way says that it was made for us is the site’s: %s', (_name, headers) => {
    expect(referenceProblem(aReference(headers), aReference(headers))).toBeUndefined()
  })

  it.each<[string, Record<string, string>, RegExp]>([
    ['Cloudflare had', { 'cf-cache-status': 'HIT' }, /cf-cache-status: HIT/],
    ['nginx had', { 'cf-cache-status': 'MISS', 'x-fastcgi-cache': 'STALE' }, /x-fastcgi-cache: STALE/],
    ['CloudFront had', { 'cf-cache-status': 'DYNAMIC', 'x-cache': 'Hit from cloudfront' }, /x-cache: Hit from cloudfront/],
    ['something had for a while', { 'cf-cache-status': 'MISS', age: '3' }, /Age: 3/],
    ['nothing speaks for', { 'cache-control': 'no-cache' }, /nothing shows/],
  ])('that %s is none, as either of the two', (_name, headers, problem) => {
    expect(referenceProblem(aReference(headers), aReference())).toMatch(problem)
    expect(referenceProblem(aReference(), aReference(headers))).toMatch(problem)
  })
})
