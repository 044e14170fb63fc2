/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.amend4j.testkit.BoundedReading;
import org.amend4j.testkit.Refusals;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(600)
class ChatTemplateTest {

    private static final Chat HELLO = Chat.of("Hello!").withSystem("Be brief.");
    private static final int CASES = Integer.getInteger("amend4j.mutations", 600);
    private static final long SEED = 20261203;

    /** Made text is bounded, in UTF-16 and while it grows; lists are, by what their elements need. */
    private static final long MEMORY = 40L * Budget.MOST_MADE;

    private static String refused(String rule, String template) {
        return Refusals.refused(
                ChatTemplateException.class,
                rule,
                () -> ChatTemplate.parse(template).render(HELLO, true));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '^',
            quoteCharacter = '"',
            value = {
                "steps^{% set r = range(99999) %}{% for a in r %}{% for b in r %}{% endfor %}{% endfor %}",
                "characters^{% set ns = namespace(t='ab') %}{% for a in range(99) %}{% set ns.t = ns.t ~ ns.t %}{% endfor %}",
                "characters^{{ 'ab' * 999999999 }}",
                "characters^{{ [1] * 999999999 }}",
                "looks at^{% set t = 'a' * 9999999 %}{% for a in range(999) %}{{ 'b' in t }}{% endfor %}",
                "looks at^{% set t = 'a' * 9999999 %}{% for a in range(999) %}{{ t|length }}{% endfor %}",
                "characters^{{ range(99999)|join('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'"
                        + " * 9) }}",
                "deeper^{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
                "deeper^{% set ns = namespace(t=[]) %}{% for a in range(999) %}{% set ns.t = [ns.t] %}{% endfor %}{{ ns.t|tojson }}",
                "deeper^{% set ns = namespace(t=[]) %}{% for a in range(999) %}{% set ns.t = [ns.t] %}{% endfor %}{{ ns.t }}",
                "bits^{% set ns = namespace(t=9) %}{% for a in range(99) %}{% set ns.t = ns.t * ns.t %}{% endfor %}",
            })
    void a_template_that_takes_too_much_is_stopped_in_a_sentence(String rule, String template) {
        refused(rule, template);
    }

    @Test
    void a_template_that_is_nested_too_deep_is_refused_before_it_runs() {
        for (String open : List.of("not ", "-", "1 if b else ")) {
            refused("deeper", "{{ " + open.repeat(10_000) + "1 }}");
        }
        refused("deeper", "{{ " + "(".repeat(10_000) + "1" + ")".repeat(10_000) + " }}");
        refused("deeper", "{{ " + "[".repeat(10_000) + "1" + "]".repeat(10_000) + " }}");
        refused("deeper", "{{ " + "{'a':".repeat(10_000) + "1" + "}".repeat(10_000) + " }}");
        refused("deeper", "{{ " + "a[".repeat(10_000) + "1" + "]".repeat(10_000) + " }}");
        refused("deeper", "{{ " + "a(".repeat(10_000) + "1" + ")".repeat(10_000) + " }}");
        refused("deeper", "{{ " + "1 is in ".repeat(10_000) + "1 }}");
        refused("deeper", "{% if a %}".repeat(10_000));
        refused("deeper", "{% set " + "(".repeat(10_000) + "a" + ")".repeat(10_000) + " = 1 %}");
        refused("deeper", "{{ 1" + " + 1".repeat(10_000) + " }}");
        refused("deeper", "{{ a" + ".b".repeat(10_000) + " }}");
        refused("at most", "a".repeat(2_000_000));
        refused("digits", "{{ " + "9".repeat(10_000) + " }}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "include",
                "import",
                "extends",
                "block",
                "call",
                "filter",
                "with",
                "raw",
                "autoescape",
                "trans",
                "do",
            })
    void a_statement_that_is_not_known_is_refused_by_its_name_and_line(String name) {
        String sentence = refused("'" + name + "'", "a\n\n{% " + name + " 'x' %}");
        assertTrue(sentence.startsWith("line 3 of the chat template: "), sentence);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{ 'a'|escape }}",
                "{{ 'a' is escaped }}",
                "{{ 'a'.encode('x') }}",
                "{{ messages.append(1) }}",
                "{{ messages[0].pop('role') }}",
                "{{ ''.__class__ }}",
                "{{ 2 ** 3 }}",
                "{{ '%s' % 1 }}",
                "{% for a in b recursive %}{% endfor %}",
                "{% for a in [1] %}{{ loop.cycle(1, 2) }}{% endfor %}",
                "{{ strftime_now('%Z') }}",
                "{{ '\\N{DASH}' }}",
            })
    void what_is_not_known_is_refused_by_its_name(String template) {
        refused("not understood here", template);
    }

    @Test
    void the_clock_is_the_given_one() {
        ChatTemplate template = ChatTemplate.parse("{{ strftime_now('%d %b %Y, %A %B %-d %H:%M:%S %I%p %j %y%%') }}")
                .withClock(Clock.fixed(Instant.parse("2024-07-06T15:04:09Z"), ZoneOffset.UTC));
        assertEquals(
                "06 Jul 2024, Saturday July 6 15:04:09 03PM 188 24%",
                template.render(HELLO, true).text());
    }

    @Test
    void a_chat_that_is_none_is_refused() {
        Refusals.refused("at least one", () -> Chat.read("[]"));
        Refusals.refused("array", () -> Chat.read("{}"));
        Refusals.refused("array", () -> Chat.read(""));
        Refusals.refused("strict JSON", () -> Chat.read("[{]"));
        Refusals.refused("message 2", () -> Chat.read("[{\"role\":\"user\"},{\"content\":\"a\"}]"));
        Refusals.refused("strict JSON", () -> Chat.read("[".repeat(100_000)));
        Refusals.refused("already", () -> HELLO.withSystem("x"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"chatml", "turns", "tools", "smollm2"})
    void a_mutated_template_renders_or_is_refused_in_a_sentence(String name) throws IOException {
        String template = ChatGoldenTest.text("templates/" + name + ".jinja");
        List<String> pieces = List.of(template.split("(?<=\\W)|(?=\\W)"));
        Random random = new Random(SEED);
        Set<String> outcomes = new HashSet<>();
        for (int k = 0; k < CASES; k++) {
            StringBuilder mutated = new StringBuilder(template);
            for (int i = random.nextInt(3); i >= 0; i--) {
                int at = random.nextInt(mutated.length());
                int end = Math.min(mutated.length(), at + random.nextInt(random.nextBoolean() ? 3 : 40));
                mutated.replace(at, end, random.nextInt(3) == 0 ? "" : pieces.get(random.nextInt(pieces.size())));
            }
            String source = mutated.toString();
            outcomes.add(BoundedReading.of(
                            source,
                            MEMORY,
                            Set.of(ChatTemplateException.class),
                            () -> ChatTemplate.parse(source).render(HELLO, true).text())
                    .orElse("refused"));
        }
        assertTrue(outcomes.contains("refused") && outcomes.size() > 2, "mutations must hit: " + outcomes.size());
    }
}
