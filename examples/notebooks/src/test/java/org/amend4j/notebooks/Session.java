/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.notebooks;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jdk.jshell.DeclarationSnippet;
import jdk.jshell.JShell;
import jdk.jshell.Snippet;
import jdk.jshell.Snippet.Status;
import jdk.jshell.Snippet.SubKind;
import jdk.jshell.SnippetEvent;
import jdk.jshell.SourceCodeAnalysis.Completeness;
import jdk.jshell.SourceCodeAnalysis.CompletionInfo;
import jdk.jshell.VarSnippet;

/**
 * The state that the cells of a notebook share. Stricter than the kernels of users: whatever could go wrong there unnoticed is an
 * error here, so that a notebook that runs here runs there.
 *
 * <p>In particular, JShell compiles variables anew when a later cell changes what they were compiled with, by an import or a
 * redefinition, and silently resets them. Here the cell that does so fails, naming them.
 */
final class Session implements AutoCloseable {

    private static final Set<SubKind> EXPRESSIONS =
            Set.of(SubKind.VAR_VALUE_SUBKIND, SubKind.TEMP_VAR_EXPRESSION_SUBKIND, SubKind.OTHER_EXPRESSION_SUBKIND);

    private final LocalControl control = new LocalControl();
    private final JShell shell;

    /** With the class path of this virtual machine. */
    Session() {
        shell = JShell.builder().executionEngine(control, Map.of()).build();
        shell.addToClasspath(System.getProperty("java.class.path"));
    }

    /**
     * Runs a cell.
     *
     * @return the value of its last snippet, if that is an expression and not null
     * @throws CellException if that fails
     */
    Optional<Object> run(String cell) {
        Optional<Object> last = Optional.empty();
        CompletionInfo next = shell.sourceCodeAnalysis().analyzeCompletion(cell);
        while (next.completeness().isComplete()) {
            last = snippet(next.source());
            next = shell.sourceCodeAnalysis().analyzeCompletion(next.remaining());
        }
        if (next.completeness() == Completeness.UNKNOWN) {
            snippet(next.remaining()); // the compiler says what is wrong
        }
        if (next.completeness() != Completeness.EMPTY) {
            throw new CellException("incomplete: " + next.remaining().strip());
        }
        return last;
    }

    private Optional<Object> snippet(String source) {
        Map<VarSnippet, String> before = variables();
        control.forget();
        List<SnippetEvent> events = shell.eval(source);
        control.thrown().ifPresent(thrown -> {
            throw new CellException(thrown);
        });
        for (SnippetEvent event : events) {
            if (event.causeSnippet() == null && event.status() != Status.VALID) {
                throw new CellException(problem(event));
            }
        }
        requireKept(before, source);
        boolean shown = events.stream()
                .filter(event -> event.causeSnippet() == null)
                .anyMatch(event -> EXPRESSIONS.contains(event.snippet().subKind()));
        return shown ? control.value() : Optional.empty();
    }

    private void requireKept(Map<VarSnippet, String> before, String source) {
        Map<VarSnippet, String> now = variables();
        String lost = before.entrySet().stream()
                .filter(variable -> shell.status(variable.getKey()) != Status.OVERWRITTEN)
                .filter(variable -> !variable.getValue().equals(now.get(variable.getKey())))
                .map(variable -> variable.getKey().name())
                .collect(Collectors.joining(", "));
        if (!lost.isEmpty()) {
            throw new CellException("JShell resets " + lost + " because of `" + source.strip()
                    + "`: put imports into the first cell, and redefine nothing that earlier variables depend on");
        }
    }

    /** Every variable that has a value, and the class that has it. */
    private Map<VarSnippet, String> variables() {
        Map<VarSnippet, String> places = new LinkedHashMap<>();
        shell.variables()
                .filter(variable -> shell.status(variable) == Status.VALID)
                .forEach(variable -> places.put(variable, shell.varValue(variable)));
        return places;
    }

    private String problem(SnippetEvent event) {
        Snippet snippet = event.snippet();
        Stream<String> errors = shell.diagnostics(snippet).map(diagnostic -> diagnostic.getMessage(Locale.ROOT));
        Stream<String> missing = snippet instanceof DeclarationSnippet declaration
                ? shell.unresolvedDependencies(declaration)
                        .map(name -> "uses " + name + ", which is not defined before")
                : Stream.of();
        return Stream.concat(errors, missing)
                .collect(Collectors.joining(
                        "\n", "does not compile: `" + snippet.source().strip() + "`\n", ""));
    }

    @Override
    public void close() {
        shell.close();
    }
}
