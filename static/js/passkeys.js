// Passkeys: <form data-passkey="create" or "get" data-options="…"> asks the browser for one and sends what it answers.
// Where the browser knows no passkeys, the form stays hidden, as without script, and the sentence after it says why.

const toBytes = (text) => {
  const base64 = text.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
};
const toText = (buffer) => {
  const signs = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(signs).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
};
const withBytes = (list) => list?.map((each) => ({ ...each, id: toBytes(each.id) }));

function options(form) {
  const publicKey = JSON.parse(form.dataset.options);
  publicKey.challenge = toBytes(publicKey.challenge);
  if (publicKey.user) publicKey.user.id = toBytes(publicKey.user.id);
  publicKey.excludeCredentials = withBytes(publicKey.excludeCredentials);
  publicKey.allowCredentials = withBytes(publicKey.allowCredentials);
  return { publicKey };
}

function answer({ id, type, rawId, response }) {
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const sent = Object.fromEntries(parts.filter((part) => response[part]).map((part) => [part, toText(response[part])]));
  if (response.getTransports) sent.transports = response.getTransports();
  return JSON.stringify({ id, type, rawId: toText(rawId), response: sent });
}

function tell(form, name) {
  const messages = [...form.querySelectorAll("[data-passkey-error]")];
  const fitting = messages.find((each) => each.dataset.passkeyError === name) ?? messages.at(-1);
  for (const message of messages) message.hidden = message !== fitting || !name;
}

async function ask(form) {
  tell(form, "");
  try {
    form.elements.credential.value = answer(await navigator.credentials[form.dataset.passkey](options(form)));
  } catch (error) {
    tell(form, error.name);
    return;
  }
  form.submit();
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.hidden = !window.PublicKeyCredential;
  form.nextElementSibling.hidden = !form.hidden;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(form);
  });
}
