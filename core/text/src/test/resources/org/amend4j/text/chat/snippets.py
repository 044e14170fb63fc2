"""What Jinja makes of short templates, in the environment of transformers. Run: python3 snippets.py (jinja2 3.1.6); it writes snippets.json beside itself."""
import json, os
from jinja2.ext import Extension, loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.exceptions import TemplateError
import jinja2

M = [dict(role="system", content="Be brief."), dict(role="user", content="  Größe 🙂 東京\n"), dict(role="assistant", content="it's \"ok\"", tool_calls=[dict(name="f", args=dict(b=1, a=[1.5, True, None]))])]


def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def raise_exception(message):
    raise TemplateError(message)


env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols])
env.filters["tojson"] = tojson
env.globals["raise_exception"] = raise_exception
S = r"""
a {{ 1 }}  {%- if true %}  b {%- endif %} c
a {% if true %}b{% endif +%} c
{{ 'a' ~ 1 ~ none ~ true ~ 1.5 ~ [1, 'x', none] ~ {'k': "it's"} ~ (1,) ~ x }}
{{ x }}|{{ messages[9] }}|{{ messages[0].nothing }}|{{ messages[0]['nothing'] }}
{{ x + 'a' }}
{{ 'a' + x }}
{{ none + 'a' }}
{{ 'a' + none }}
{{ 'a' + 1 }}
{{ x.y }}
{{ x['y'] }}
{{ none.y }}|{{ 'abc'.y }}
{{ x() }}
{{ messages() }}
{{ 1 + 2 * 3 - 4 // 3 % 2 }} {{ 7 / 2 }} {{ 8 / 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7.5 // 2 }} {{ 2 - -1 }} {{ true + true }}
{{ 1 / 0 }}
{{ 'ab' * 3 }} {{ [1] * 2 }} {{ [1] + [2] }}
{{ 1 == 1.0 }} {{ 1 == true }} {{ 'a' == 1 }} {{ [1, 2] == [1, 2] }} {{ (1,) == [1] }} {{ none == x }} {{ x == y }} {{ {'a': 1} == {'a': 1} }}
{{ 1 < 2 < 3 }} {{ 1 < 2 > 3 }} {{ 'a' < 'b' }} {{ '🙂' > '東' }} {{ '🙂' > '\ufffd' }} {{ not 1 > 2 }}
{{ 1 < 'a' }}
{{ x < 1 }}
{{ 'a' in 'abc' }} {{ 'a' not in ['b'] }} {{ 'role' in messages[0] }} {{ 'a' in x }}
{{ 'a' in none }}
{{ 1 in 'a' }}
{{ x or 'f' }} {{ '' and 1 }} {{ 0 or [] or 'z' }} {{ not x }} {{ not [] }}
{{ 'a' if x }}|{{ 'a' if x else 'b' if y else 'c' }}
{{ messages[-1].role }} {{ messages[:-1]|length }} {{ messages[::-1][0].role }} {{ 'abc🙂def'[2:5] }} {{ 'abc'[::-1] }} {{ 'abc🙂'[3] }} {{ 'abc'[-9:9] }} {{ [1,2,3,4][::2] }} {{ [1,2,3,4][3:0:-2] }}
{{ 'abc'|length }} {{ '🙂'|length }} {{ x|length }} {{ {'a': 1}|length }}
{{ none|length }}
{{ messages|tojson }}
{{ messages|tojson(indent=2) }}
{{ messages[2].tool_calls[0]|tojson(indent=4, sort_keys=true) }} {{ [1, {'a': 2}]|tojson(separators=(',', ':')) }} {{ []|tojson(indent=1) }} {{ 'é🙂\x01/<>&'|tojson(ensure_ascii=true) }}
{{ x|tojson }}
{{ 1e16 }} {{ 1.0 }} {{ 123456789.125 }} {{ 1e-5 }} {{ 0.0001 }} {{ 1e22 }} {{ 2.5e-7 }} {{ 0.1 + 0.2 }} {{ 5e-324 }} {{ 100.0 }} {{ [1e300 * 1e10]|tojson }}
{{ "it's" }} {{ ["it's", 'say "x"', 'both \' "', 'a\nb\\', '\u200b\x00é🙂'] }}
{% for m in messages %}{{ loop.index }}/{{ loop.length }} {{ loop.index0 }} {{ loop.revindex }} {{ loop.first }} {{ loop.last }} {{ loop.previtem.role if loop.previtem is defined else '-' }} {{ loop.nextitem.role if loop.nextitem is defined else '-' }};{% endfor %}
{% for m in messages if m.role != 'system' %}{{ loop.index }}{{ m.role }}{{ loop.length }}{% else %}none{% endfor %}
{% for m in [] %}a{% else %}none{% endfor %}
{% for a, b in [(1, 2), [3, 4]] %}{{ a }}-{{ b }} {% endfor %}
{% for a, b in [(1, 2, 3)] %}{{ a }}{% endfor %}
{% for c in 'a🙂' %}{{ c }},{% endfor %}{% for k in {'x': 1, 'y': 2} %}{{ k }}{% endfor %}
{% for k in 5 %}{{ k }}{% endfor %}
{% for i in [1, 2, 3, 4] %}{% if i == 2 %}{% continue %}{% endif %}{% if i == 4 %}{% break %}{% endif %}{{ i }}{% endfor %}
{% for i in [1, 2] %}{% for j in [1, 2] %}{{ loop.index }}{{ loop.depth }}{% endfor %}{{ loop.index }}{% endfor %}
{% set x = 1 %}{% for i in [1, 2] %}{{ x }}{% set x = 5 %}{{ x }}{% endfor %}{{ x }}
{% for i in [1, 2] %}{% if loop.first %}{% set z = 1 %}{% endif %}[{{ z }}]{% endfor %}
{% if true %}{% set q = 3 %}{% endif %}{{ q }}
{% set ns = namespace(a=1) %}{% for i in [1, 2, 3] %}{% set ns.a = ns.a + i %}{% endfor %}{{ ns.a }}{{ ns.b is defined }}
{% set d = {'a': 1} %}{% set d.a = 2 %}
{% set a, b = 1, 2 %}{{ a }}{{ b }}{{ 1, 2 }}
{% set t %}  x {{ 1 }} {% endset %}[{{ t }}]{% set u | trim | upper %} ab {% endset %}[{{ u }}]
{% macro m(a, b='d', c) %}{% endmacro %}
{% macro m(a, b='d') %}<{{ a }}{{ b }}{{ y }}>{% endmacro %}{{ m(1) }}{{ m(1, 2) }}{{ m(b=3, a=4) }}{{ m() }}
{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, 2) }}
{% macro m(a) %}{{ a }}{% endmacro %}{{ m(q=2) }}
{% macro m(n) %}{{ n }}{% if n > 0 %}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(3) }}{{ m(2) ~ 'x' }}
{% set v = 1 %}{% macro m() %}{{ v }}{% endmacro %}{% set v = 2 %}{{ m() }}
{% macro m() %}{{ w }}{% endmacro %}{% for w in [1] %}{{ m() }}{% endfor %}|
{{ 'a' is string }} {{ 1 is number }} {{ true is boolean }} {{ none is none }} {{ x is defined }} {{ x is not defined }} {{ {} is mapping }} {{ [] is iterable }} {{ 'a' is iterable }} {{ {} is sequence }} {{ 1 is iterable }} {{ x is sequence }} {{ true is number }} {{ true is integer }} {{ 1.0 is float }} {{ x is none }}
{{ 1 is not none and 'a' is string }} {{ 2 is eq 2 }} {{ 2 is equalto(3) }} {{ 'a' is in ['a'] }} {{ 1 is true }}
{{ ' a '|trim }}|{{ 'xax'|trim('x') }}|{{ none|trim }}|{{ 'abc'|upper }}|{{ 'ß'|upper }}|{{ 'ABC'|lower }}|{{ 'aB c'|capitalize }}|{{ 'aaa'|replace('a', 'b', 2) }}|{{ 'ab'|replace('', '-') }}
{{ x|default('d') }} {{ ''|default('d') }} {{ ''|default('d', true) }} {{ none|default('d') }} {{ x|d }}|
{{ [1, 'a', none]|join(', ') }} {{ messages|join('-', attribute='role') }} {{ messages|map(attribute='role')|join('/') }} {{ ['a', 'b']|map('upper')|list }} {{ messages|selectattr('role', 'equalto', 'user')|list|length }} {{ messages|selectattr('tool_calls', 'defined')|map(attribute='role')|list }} {{ messages|rejectattr('role', 'in', ['user'])|map(attribute='role')|join }} {{ [0, 1, none]|select|list }}
{{ {'b': 1, 'A': 2, 'c': 3}|dictsort }} {{ {'b': 1}|items|list }} {% for k, v in {'b': 1}.items() %}{{ k }}{{ v }}{% endfor %} {{ {'b': 1}.get('b') }} {{ {'b': 1}.get('c') }} {{ {'b': 1}.get('c', 'd') }} {{ {'a': 1}.keys()|list }} {{ {'a': 1}.values()|list }}
{{ 'a,b,,c'.split(',') }} {{ ' a  b c '.split() }} {{ 'a b c'.split(' ', 1) }} {{ ' a  b  c '.split(none, 1) }} {{ ' a '.strip() ~ '|' }} {{ 'xxaxx'.lstrip('x') }} {{ 'xxaxx'.rstrip('x') }} {{ 'abc'.startswith('ab') }} {{ 'abc'.endswith(('x', 'c')) }} {{ 'a-b'.replace('-', '+') }} {{ 'it is'.title() }} {{ '🙂b'.find('b') }} {{ ', '.join(['a', 'b']) }}
{{ 'a'.split('') }}
{{ ', '.join([1]) }}
{{ range(3)|list }} {{ range(1, 4)|list }} {{ range(5, 0, -2)|list }} {{ range(0)|list }}
{{ range(1000000) }}
{{ dict(a=1, b='x') }} {{ [1, 2]|first }} {{ [1, 2]|last }} {{ []|first }}|
{{ raise_exception('no ' ~ 1) }}
{{ [].append(1) }}
{{ 'a' 'b' }} {{ "\x41\u00e9\t|\q|\101" }} {{ 'a' ~ {'b': [1, (2, 3)]}.b[1][0] }} {{ messages.0.role }} {{ [[1]].0.0 }}
{# comment #}  x {#- y -#}  z {# w +#}
  {% if true %}   
  a
  {% endif %}  
  {{- ' b' }}
  {%+ if true %}c{% endif %}
{{ x is defined and x.y }} {{ (1 if x else 2) + 1 }} {{ -1|string }} {{ 1 if true }} {{ [1, 2,] }} {{ (1) }} {{ () }}
{{ messages | map('tojson') | join('\n') }}
{{ true and 'a' in 'abc' or raise_exception('never') }}{{ 'é' ~ '\n' }}{{ 3 ~ 4 * 2 + 1 }}
{{ unclosed
{% if %}a{% endif %}
{% endif %}
{{ 'a' | nothing }}
{{ 'a' is nothing }}
{{ 'a
{{ ) }}
{{ 1 +
{{ {1: 2} }}
{% for %}
""".strip("\n").split("\n")
S.append("  {% if true %}   \n  a\n  {% endif %}  \n  {{- ' b' }}\n  {%+ if true %}c{% endif %}\n\n")
S.append("{{ 'a' }}\n\n")
S.append("a\r\nb\rc{% if true %}\r\nd{% endif %}\n")
S.append("{% for x in [1,2] %}\n  {{ x }}\n{% endfor %}\n{# c #}\nend\n")
S.append("{%- for x in [1,2] -%}\n  {{- x -}}\n{%- endfor -%}\n  end  \n")
S.append("\u00a0 {%- if true %}\u2003\n{% endif %}\t{# c #}\n \t{% set x = 1 %}\n x")
out = []
for s in S:
    r = dict(template=s)
    try:
        r["text"] = env.from_string(s).render(messages=M, add_generation_prompt=True)
    except Exception as e:
        r["error"] = f"{type(e).__name__}: {e}"
    out.append(r)
json.dump(dict(jinja2=jinja2.__version__, messages=M, cases=out), open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "snippets.json"), "w"), ensure_ascii=False, indent=1)
print(len(out), sum("error" in r for r in out))
