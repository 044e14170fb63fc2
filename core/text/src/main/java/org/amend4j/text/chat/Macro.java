/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text.chat;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A piece of a template with parameters, in the scope where it stands. */
record Macro(String name, List<String> parameters, Map<String, Expression> defaults, List<Statement> body, Scope around)
        implements Callable {

    @Override
    public Object call(Arguments given, Rendering in) {
        given.only("macro '" + name + "'", parameters.toArray(new String[0]));
        return in.within(around.inner(), () -> {
            for (int i = 0; i < parameters.size(); i++) {
                String parameter = parameters.get(i);
                Object value = given.get(i, parameter)
                        .or(() -> Optional.ofNullable(defaults.get(parameter)).map(in::value))
                        .orElseGet(() -> new Undefined("parameter '" + parameter + "' was not provided"));
                in.scope().set(parameter, value);
            }
            return in.captured(body);
        });
    }
}
