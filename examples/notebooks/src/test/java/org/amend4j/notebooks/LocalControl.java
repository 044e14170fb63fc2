/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.notebooks;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Map;
import java.util.Optional;
import jdk.jshell.execution.DirectExecutionControl;
import jdk.jshell.spi.ExecutionControl;
import jdk.jshell.spi.ExecutionControlProvider;
import jdk.jshell.spi.ExecutionEnv;

/** Runs snippets in the kernel's own virtual machine and keeps what they return or throw, which JShell knows as text only. */
final class LocalControl extends DirectExecutionControl implements ExecutionControlProvider {

    private Optional<Object> value = Optional.empty();
    private Optional<Throwable> thrown = Optional.empty();

    void forget() {
        value = Optional.empty();
        thrown = Optional.empty();
    }

    /** What the last snippet that ran since {@link #forget} returned; empty for null. */
    Optional<Object> value() {
        return value;
    }

    Optional<Throwable> thrown() {
        return thrown;
    }

    @Override
    protected String invoke(Method snippet) throws Exception {
        try {
            value = Optional.ofNullable(snippet.invoke(null));
            return ""; // nobody reads it, and toString() of large values takes long
        } catch (InvocationTargetException e) {
            thrown = Optional.of(e.getCause());
            throw e;
        }
    }

    /**
     * Not what a variable is, but where: the class that has it, another one once JShell has reset it. Written with slashes, as JShell
     * shortens names with dollars.
     */
    @Override
    public String varValue(String className, String varName) {
        return className.replace('$', '/');
    }

    /** The virtual machine has its class path already; only JShell's compiler needs to be told. */
    @Override
    public void addToClasspath(String path) {}

    @Override
    public String name() {
        return "local";
    }

    @Override
    public ExecutionControl generate(ExecutionEnv env, Map<String, String> parameters) {
        return this;
    }
}
