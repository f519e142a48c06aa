"""A FHIR R4B facade: requests and tasks come in, appointments and free session places go out; never a name.

FHIR is a way of speaking with others, not how anything is kept. Resources are validated by the extra `xunzhen[fhir]`.
"""
