"""The API's subjects, each with its routes; a subject is imported when it is first asked for."""
