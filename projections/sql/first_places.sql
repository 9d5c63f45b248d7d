-- Where some subjects stand first in the log; who never was a subject is missing.
{{subject_firsts}}
