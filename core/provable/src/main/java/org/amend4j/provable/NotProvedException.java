/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.provable;

import java.io.Serializable;
import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Says why nothing is proved about a graph as it is, and which options would help. */
public final class NotProvedException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    private final Clause[] clauses;

    /** A part of the sentence; its remedy is named at its end, in parentheses. */
    private record Clause(String text, @Nullable EnablingOption remedy) implements Serializable {

        String sentence(Function<EnablingOption, String> names) {
            return remedy == null ? text : text + " (" + names.apply(remedy) + ")";
        }
    }

    NotProvedException(String why) {
        this(new Clause(why, null));
    }

    NotProvedException(String why, EnablingOption remedy) {
        this(new Clause(why, remedy));
    }

    private NotProvedException(Clause... clauses) {
        super(sentence(clauses, EnablingOption::method));
        this.clauses = clauses;
    }

    /** The same sentence, continued. */
    NotProvedException and(String more) {
        return with(new Clause(more, null));
    }

    /** The same sentence, continued by another remedy. */
    NotProvedException and(String more, EnablingOption remedy) {
        return with(new Clause(more, remedy));
    }

    private NotProvedException with(Clause next) {
        return new NotProvedException(
                Stream.concat(Arrays.stream(clauses), Stream.of(next)).toArray(Clause[]::new));
    }

    /**
     * The message for a caller that names the options differently.
     *
     * @param names what each is called
     */
    public String sentence(Function<EnablingOption, String> names) {
        return sentence(clauses, names);
    }

    private static String sentence(Clause[] clauses, Function<EnablingOption, String> names) {
        return Arrays.stream(clauses).map(clause -> clause.sentence(names)).collect(Collectors.joining());
    }
}
