// Command documents: what Run Command checks against them before any instance hears of a command.

import * as z from 'zod'
import type { CommandDocument } from '../../../ssm/schema.ts'
import { own } from '../protocol/own.ts'
import { page } from '../protocol/paging.ts'
import { action, AwsError, type Actions } from '../protocol/protocol.ts'

/** Region -> document name -> content. */
export type DocumentsByRegion = Readonly<Record<string, Readonly<Record<string, CommandDocument>>>>

export const findDocument = (documents: DocumentsByRegion, region: string, name: string): CommandDocument => {
  const document = own(own(documents, region), name)
  if (!document) throw new AwsError('InvalidDocument', `Document with name ${name} does not exist.`)
  return document
}

const invalid = (message: string): AwsError => new AwsError('InvalidParameters', message)

/**
 * The value of every parameter, defaults filled in.
 * allowedPattern is a search, as at AWS: whether the whole value must match is up to the pattern's own anchors.
 */
export const checkParameters = (document: CommandDocument, given: Readonly<Record<string, readonly string[]>>): Record<string, string> => {
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(document.parameters, name))
  if (unknown.length > 0) throw invalid(`Parameters ${unknown.join(', ')} are not defined in the document.`)
  const values = Object.entries(document.parameters).map(([name, parameter]): [string, string] => {
    const [value = parameter.default, ...more] = given[name] ?? []
    if (value === undefined) throw invalid(`Parameter ${name} is required but was not provided.`)
    if (more.length > 0) throw invalid(`Parameter ${name} is of type String and takes one value.`)
    if (value.length > parameter.maxChars)
      throw invalid(`Parameter ${name} has ${value.length} characters, the maximum is ${parameter.maxChars}.`)
    if (!new RegExp(parameter.allowedPattern).test(value)) {
      throw invalid(`Parameter ${name} does not match the allowedPattern ${parameter.allowedPattern}.`)
    }
    return [name, value]
  })
  return Object.fromEntries(values)
}

const describe = (name: string, document: CommandDocument) => ({
  Name: name,
  DocumentVersion: '1',
  DocumentType: 'Command',
  DocumentFormat: 'JSON',
  SchemaVersion: document.schemaVersion,
})

export const documentActions = (documents: DocumentsByRegion): Actions => ({
  GetDocument: action(z.object({ Name: z.string().min(1) }), ({ Name }, region) => {
    const document = findDocument(documents, region, Name)
    return { ...describe(Name, document), Status: 'Active', Content: JSON.stringify(document, null, 2) }
  }),
  DescribeDocument: action(z.object({ Name: z.string().min(1) }), ({ Name }, region) => {
    const document = findDocument(documents, region, Name)
    const parameters = Object.entries(document.parameters).map(([name, { type, description, default: value }]) => ({
      Name: name,
      Type: type,
      Description: description,
      DefaultValue: value,
    }))
    return {
      Document: {
        ...describe(Name, document),
        Status: 'Active',
        Description: document.description,
        Parameters: parameters,
        PlatformTypes: ['Linux'],
      },
    }
  }),
  ListDocuments: action(z.object({ MaxResults: z.int().min(1).max(50).default(50), NextToken: z.string().optional() }), (input, region) => {
    const all = Object.entries(own(documents, region) ?? {}).map(([name, document]) => ({
      ...describe(name, document),
      Owner: '000000000000',
      PlatformTypes: ['Linux'],
    }))
    const { items, nextToken } = page(all, input.MaxResults, input.NextToken, 'InvalidNextToken')
    return { DocumentIdentifiers: items, NextToken: nextToken }
  }),
})
