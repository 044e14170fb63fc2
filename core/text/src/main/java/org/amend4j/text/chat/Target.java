/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text.chat;

import java.util.List;

/** What gets a value: a name, several names, or a namespace's name. */
sealed interface Target {

    void set(Object value, Rendering in);

    record Variable(String name) implements Target {
        @Override
        public void set(Object value, Rendering in) {
            in.scope().set(name, value);
        }
    }

    record Several(List<Target> targets) implements Target {
        @Override
        public void set(Object value, Rendering in) {
            List<Object> values = Values.elements(Values.defined(value), in.budget());
            if (values.size() != targets.size()) {
                throw new ChatTemplateException((values.size() < targets.size() ? "not enough" : "too many")
                        + " values to unpack (expected " + targets.size() + ", got " + values.size() + ")");
            }
            for (int i = 0; i < values.size(); i++) {
                targets.get(i).set(values.get(i), in);
            }
        }
    }

    record OfNamespace(String namespace, String name) implements Target {
        @Override
        public void set(Object value, Rendering in) {
            if (!(Values.defined(in.scope().get(namespace)) instanceof Namespace names)) {
                throw new ChatTemplateException("cannot assign attribute on non-namespace object");
            }
            names.set(name, value);
        }
    }
}
