// Terraform reads every string attribute as a template. Text that is not ours to interpret goes through here.

/**
 * Doubles the `$` of `${` and the `%` of `%{`, so that Terraform gives the text back byte for byte.
 * `Fn.rawString` and `Fn.jsonencode` both damage shell scripts, and a replacement string would collapse `$$`.
 */
export const literal = (text: string): string => text.replace(/[$%](?=\{)/g, (sign) => sign + sign)
