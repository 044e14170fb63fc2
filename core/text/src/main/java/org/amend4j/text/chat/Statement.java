/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text.chat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/** What writes text or sets names. */
sealed interface Statement {

    /** How a template goes on behind a statement. */
    enum Flow {
        NEXT,
        BREAK,
        CONTINUE
    }

    /** In the template. */
    int line();

    /** Asked by {@link Rendering#run} only, which counts. */
    Flow run(Rendering in);

    record Data(int line, String text) implements Statement {
        @Override
        public Flow run(Rendering in) {
            in.write(text);
            return Flow.NEXT;
        }
    }

    record Print(int line, Expression value) implements Statement {
        @Override
        public Flow run(Rendering in) {
            in.write(PythonText.of(in.value(value), in.budget()));
            return Flow.NEXT;
        }
    }

    /** A condition for each body; one body more is what is done otherwise. */
    record If(int line, List<Expression> conditions, List<List<Statement>> bodies) implements Statement {
        @Override
        public Flow run(Rendering in) {
            for (int i = 0; i < bodies.size(); i++) {
                if (i == conditions.size() || Values.truth(in.value(conditions.get(i)))) {
                    return in.run(bodies.get(i));
                }
            }
            return Flow.NEXT;
        }
    }

    record For(
            int line,
            Target target,
            Expression elements,
            Optional<Expression> condition,
            List<Statement> body,
            List<Statement> otherwise)
            implements Statement {
        @Override
        public Flow run(Rendering in) {
            List<Object> elements = chosen(Values.elements(in.value(this.elements), in.budget()), in);
            if (elements.isEmpty()) {
                return in.within(in.scope().inner(), () -> in.run(otherwise));
            }
            for (int i = 0; i < elements.size(); i++) {
                if (turn(elements, i, in) == Flow.BREAK) {
                    break;
                }
            }
            return Flow.NEXT;
        }

        private Flow turn(List<Object> elements, int place, Rendering in) {
            in.budget().step();
            return in.within(in.scope().inner(), () -> {
                in.scope().set("loop", new Loop(elements, place));
                target.set(elements.get(place), in);
                return in.run(body);
            });
        }

        private List<Object> chosen(List<Object> all, Rendering in) {
            if (condition.isEmpty()) {
                return all;
            }
            List<Object> chosen = new ArrayList<>();
            for (Object element : all) {
                boolean holds = in.within(in.scope().inner(), () -> {
                    target.set(element, in);
                    return Values.truth(in.value(condition.get()));
                });
                if (holds) {
                    chosen.add(element);
                }
            }
            return Values.list(chosen, in.budget()).values();
        }
    }

    record Assign(int line, Target target, Expression value) implements Statement {
        @Override
        public Flow run(Rendering in) {
            target.set(in.value(value), in);
            return Flow.NEXT;
        }
    }

    /** {@code set} of what a body writes, perhaps through filters. */
    record Capture(int line, Target target, List<Statement> body, Expression filtered) implements Statement {

        /** Stands for the body's text in what is made of it; no template can have a name with a space. */
        static final String BODY = "the body";

        @Override
        public Flow run(Rendering in) {
            Object value = in.within(in.scope().inner(), () -> {
                String text = in.captured(body);
                in.scope().set(BODY, text);
                return in.value(filtered);
            });
            target.set(value, in);
            return Flow.NEXT;
        }
    }

    record MacroDefinition(
            int line,
            String name,
            List<String> parameters,
            LinkedHashMap<String, Expression> defaults,
            List<Statement> body)
            implements Statement {
        @Override
        public Flow run(Rendering in) {
            in.scope().set(name, new Macro(name, parameters, defaults, body, in.scope()));
            return Flow.NEXT;
        }
    }

    /** What the assistant says, as a template marks it. */
    record Generation(int line, List<Statement> body) implements Statement {
        @Override
        public Flow run(Rendering in) {
            in.writeSpoken(in.within(in.scope().inner(), () -> in.captured(body)));
            return Flow.NEXT;
        }
    }

    record Jump(int line, Flow flow) implements Statement {
        @Override
        public Flow run(Rendering in) {
            return flow;
        }
    }
}
