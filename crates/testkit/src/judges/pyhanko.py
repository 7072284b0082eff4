"""Validates a chain with pyHanko's certificate validator.

Reads JSON on standard input: root, intermediates, end, crls, ocsps (DER, base64), online
(fetch what is missing from the certificates' own URLs). Writes one JSON object: verdict, which is
valid, revoked or refused; and said.
"""

import asyncio
import base64
import json
import sys

from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathError, RevokedError, ValidationError
from asn1crypto import crl, ocsp, x509


async def judge(asked):
    def objects(kind, name):
        return [kind.load(base64.b64decode(text), strict=True) for text in asked[name]]

    context = ValidationContext(
        trust_roots=objects(x509.Certificate, "root"),
        crls=objects(crl.CertificateList, "crls"),
        ocsps=objects(ocsp.OCSPResponse, "ocsps"),
        allow_fetching=asked["online"],
        revocation_mode="require",
    )
    validator = CertificateValidator(
        objects(x509.Certificate, "end")[0],
        intermediate_certs=objects(x509.Certificate, "intermediates"),
        validation_context=context,
    )
    path = await validator.async_validate_usage({"digital_signature"})
    return [certificate.subject.human_friendly for certificate in path]


def verdict(asked):
    try:
        return "valid", " < ".join(asyncio.run(judge(asked)))
    except RevokedError as error:
        return "revoked", str(error)
    except (ValidationError, PathError, ValueError) as error:
        return "refused", f"{type(error).__name__}: {error}"


word, said = verdict(json.load(sys.stdin))
json.dump({"verdict": word, "said": said}, sys.stdout)
