// A page of the sites of the local run: like one of a real site, it says more than what is published on it, and repeats its own address.

const pathOnly = (path: string): string => path.replace(/\?[^]*$/, '')
const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')

export const pageOf = (host: string, path: string, published: string): string => `<!doctype html>
<html lang="en">
<head>
<title>${host}${escape(pathOnly(path))}</title>
<meta name="description" content="A site of the local run of purgeflow">
<link rel="canonical" href="https://${host}${escape(path)}">
</head>
<body>
<nav><a href="/">Home</a> <a href="/news/">News</a> <a href="/contact/">Contact</a></nav>
<main>
<h1>News from the editors of this site</h1>
<p>${published}</p>
<p>Readers come here all day long, and every cache on the way to them keeps the page that it has seen first.</p>
</main>
<form action="${escape(path)}" method="post"><button>Send us a letter</button></form>
<footer>Made by the people of this site, with words that nobody changes from one day to the next.</footer>
</body>
</html>
`
