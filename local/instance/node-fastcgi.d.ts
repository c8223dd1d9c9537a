// node-fastcgi brings no types. Its server is Node's own, but that it speaks FastCGI.

declare module 'node-fastcgi' {
  import type { RequestListener } from 'node:http'
  import type { Server } from 'node:net'

  const fastcgi: { readonly createServer: (respond: RequestListener) => Server }
  export default fastcgi
}
