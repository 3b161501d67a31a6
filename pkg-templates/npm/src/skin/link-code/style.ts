// The text of code.css and input.css, each after shared.css and minified: bundle.mjs puts it in.
declare const CODE_CSS: string;
declare const INPUT_CSS: string;

export const codeStyle = CODE_CSS;
export const inputStyle = INPUT_CSS;
