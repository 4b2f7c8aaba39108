"""Keys as venues hand them out; one of the wrong shape is named, and never shown."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pydantic import SecretStr

from declconn.compile.recipe import Draft, Recipe
from declconn.errors import CredentialsError

Make = Callable[..., Recipe]

EC = ec.derive_private_key(20_231_114, ec.SECP256R1())
OTHER_EC = ec.derive_private_key(20_231_114, ec.SECP384R1())
ED25519 = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
RSA = rsa.generate_private_key(65537, 2048)
SEED = ED25519.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
PUBLIC = ED25519.public_key().public_bytes_raw()


def pem(key: Any, form: PrivateFormat = PrivateFormat.PKCS8) -> str:
    return str(key.private_bytes(Encoding.PEM, form, NoEncryption()).decode())


def bare(text: str) -> str:
    return "".join(text.splitlines()[1:-1])


def sign(make: Make, algorithm: str, key_enc: str, key: str) -> bytes:
    recipe = make(f"let: {{s: {{sign: {algorithm}, key: '{{cred.key}}', key_enc: {key_enc}, data: hello, out: raw}}}}")
    found = recipe.values({"cred": {"key": SecretStr(key)}})["s"]
    assert isinstance(found, bytes)
    return found


FRAMES = [lambda text: text, lambda text: text.replace("\n", "\\n"), bare]
"""PEM, PEM on one line with its breaks written out, PEM without its frame."""


@pytest.mark.parametrize("frame", FRAMES)
def test_pem_in_every_form(frame: Callable[[str], str], make: Make) -> None:
    signature = sign(make, "ecdsa_p256_sha256", "pem", frame(pem(EC)))
    r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
    EC.public_key().verify(encode_dss_signature(r, s), b"hello", ec.ECDSA(SHA256()))
    RSA.public_key().verify(
        sign(make, "rsa_pkcs1_sha256", "pem", frame(pem(RSA))), b"hello", padding.PKCS1v15(), SHA256()
    )
    ED25519.public_key().verify(sign(make, "ed25519", "pem", frame(pem(ED25519))), b"hello")


def test_the_older_pem_of_openssl(make: Make) -> None:
    assert len(sign(make, "ecdsa_p256_sha256", "pem", pem(EC, PrivateFormat.TraditionalOpenSSL))) == 64
    assert len(sign(make, "rsa_pkcs1_sha256", "pem", pem(RSA, PrivateFormat.TraditionalOpenSSL))) == 256


@pytest.mark.parametrize(
    ("key_enc", "key"),
    [
        ("base64", base64.b64encode(SEED).decode()),
        ("base64", base64.b64encode(SEED + PUBLIC).decode()),
        ("hex", SEED.hex()),
        ("hex", f"0x{SEED.hex()}"),
        ("text", pem(ED25519)),
    ],
)
def test_an_ed25519_seed_alone_or_with_its_public_key(key_enc: str, key: str, make: Make) -> None:
    ED25519.public_key().verify(sign(make, "ed25519", key_enc, key), b"hello")


def test_a_token_of_es256_verifies_and_says_what_the_recipe_says(make: Make) -> None:
    recipe = make("""
        let:
          t: {jwt: {alg: ES256, key: "{cred.key}", key_enc: pem, header: {kid: K}, claims: {sub: me, exp: 5, aud: [x]}}}
    """)
    header, claims, signature = recipe.values({"cred": {"key": pem(EC)}})["t"].split(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    EC.public_key().verify(der, f"{header}.{claims}".encode(), ec.ECDSA(SHA256()))
    assert json.loads(base64.urlsafe_b64decode(header + "==")) == {"alg": "ES256", "typ": "JWT", "kid": "K"}
    assert json.loads(base64.urlsafe_b64decode(claims + "==")) == {"sub": "me", "exp": 5, "aud": ["x"]}


WRONG = "c2VjcmV0!-very-secret"


@pytest.mark.parametrize(
    ("step", "key", "expected"),
    [
        ("hmac: sha256, key_enc: base64", WRONG, "expected base64 (`key_enc: base64`)"),
        ("hmac: sha256, key_enc: hex", WRONG, "expected hex"),
        ("sign: ed25519, key_enc: base64", WRONG, "expected base64"),
        ("sign: ed25519, key_enc: base64", "c2VjcmV0", "expected an Ed25519 key of 32 or 64 bytes as base64, found 6"),
        ("sign: ed25519, key_enc: pem", pem(RSA), "expected an Ed25519 key, found a key of another kind"),
        ("sign: rsa_pkcs1_sha256, key_enc: pem", WRONG, "expected a private key as PEM without a password"),
        ("sign: rsa_pkcs1_sha256, key_enc: pem", pem(EC), "expected an RSA key"),
        ("sign: ecdsa_p256_sha256, key_enc: pem", pem(OTHER_EC), "on the curve P-256"),
        ("sign: secp256k1", WRONG, "expected hex"),
    ],
)
def test_a_key_of_the_wrong_shape_is_named_when_the_credentials_come(
    step: str, key: str, expected: str, make: Make
) -> None:
    text = f"""
        let: {{s: {{{step}, key: "{{cred.api_secret}}", data: "{{req.payload}}{{clock.ms}}{{session.token}}"}}}}
        inject: {{headers: {{X-SIGN: "{{s}}"}}}}
    """
    with pytest.raises(CredentialsError) as caught:
        make(text, fixed={"cred": {"api_secret": SecretStr(key)}})
    assert "auth.recipes.signed.let.s.key: the credential 'api_secret' has the wrong form" in str(caught.value)
    assert expected in str(caught.value)
    assert key not in str(caught.value)
    with pytest.raises(CredentialsError):
        make(text).sign(Draft("GET", "https://x.example/"), {"cred": {"api_secret": key}})


def test_only_the_key_of_the_case_that_is_chosen_is_looked_at(make: Make) -> None:
    recipe = make(
        """
        let:
          rsa: {sign: rsa_pkcs1_sha256, key: "{cred.s}", key_enc: pem, data: "{req.payload}", out: base64}
          hmac: {hmac: sha256, key: "{cred.s}", data: "{req.payload}", out: hex}
          sig: {by: cred.s|kind, of: {rsa: "{rsa}", text: "{hmac}"}}
        inject: {headers: {X-SIGN: "{sig}"}}
        """,
        fixed={"cred": {"s": SecretStr("just text")}},
    )
    headers = recipe.sign(Draft("GET", "https://x.example/"), {"cred": {"s": SecretStr("just text")}}).headers
    assert len(headers["X-SIGN"]) == 64
