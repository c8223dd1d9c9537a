// Importing a handler must do no I/O and need no environment, so its services are built by the first call.

export const lazily = <Event, Result>(build: () => (event: Event) => Promise<Result>): ((event: Event) => Promise<Result>) => {
  let built: ((event: Event) => Promise<Result>) | undefined
  return (event) => {
    built ??= build()
    return built(event)
  }
}

/** @throws when the function was deployed without the variable */
export const requiredEnvironment = (name: string): string => {
  const value = process.env[name]
  if (value === undefined || value === '')
    throw new Error(`the environment variable ${name} is not set: the stack sets it, so deploy again`)
  return value
}
