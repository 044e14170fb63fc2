/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.notebooks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Cells share what they define; whatever goes wrong in one is an error of that cell. Tests use names of their own. */
class SessionTest {

    private static final Session SESSION = new Session();

    @AfterAll
    static void close() {
        SESSION.close();
    }

    private static Object value(String cell) {
        return SESSION.run(cell).orElse("nothing");
    }

    private static String error(String cell) {
        return assertThrows(CellException.class, () -> SESSION.run(cell)).getMessage();
    }

    @Test
    void aCellHasTheValueOfItsLastExpression() {
        assertEquals(5, value("int two = 2;\nint three = 3;\ntwo + three"));
        assertEquals("nothing", value("two = 4;\nString unused = \"x\";"));
        assertEquals(4, value("two"));
        assertEquals("nothing", value("Object none = null;\nnone"));
        assertEquals("nothing", value("// a comment alone"));
    }

    @Test
    void recordsMethodsAndThreadsWork() {
        value("record Point(int x, int y) { int sum() { return x + y; } }");
        value("int twice(int n) {\n    return 2 * n;\n}");
        value("int[] seen = {0};\nThread thread = new Thread(() -> seen[0] = twice(new Point(1, 2).sum()));\n"
                + "thread.start();\nthread.join();");
        assertEquals(6, value("seen[0]"));
    }

    @Test
    void aVariableCanBeDefinedAgain() {
        value("int again = 1;");
        value("String again = \"one\";");
        assertEquals("one", value("again"));
    }

    @Test
    void theClassesOfThisVirtualMachineAreThere() {
        value("import org.amend4j.lora.config.LoraConfig;");
        assertEquals(Optional.of(8), SESSION.run("LoraConfig.of(8, 16).rank()"));
    }

    @Test
    void anExceptionIsTheCells() {
        assertEquals("java.lang.IllegalStateException: no", error("throw new IllegalStateException(\"no\");"));
        assertEquals("java.lang.AssertionError: wrong", error("throw new AssertionError(\"wrong\");"));
    }

    @Test
    void whatDoesNotCompileIsAnError() {
        String message = error("int word = \"text\";");
        assertTrue(message.contains("int word") && message.contains("String cannot be converted to int"), message);
        assertTrue(error("int open = (1 + ").contains("incomplete"));
        assertTrue(error("int unknown() { return missing(); }").contains("uses method missing()"));
        assertTrue(error("class }").contains("does not compile"));
    }

    @Test
    void aVariableThatJShellResetsIsAnError() {
        try (Session session = new Session()) {
            session.run("record Pair(int a, int b) {}\nPair pair = new Pair(1, 2);\nint kept = 3;");
            String message = assertThrows(CellException.class, () -> session.run("record Pair(int a, int b, int c) {}"))
                    .getMessage();
            assertTrue(
                    message.startsWith("JShell resets pair because of `record Pair(int a, int b, int c) {}`"), message);
            assertEquals(Optional.of(3), session.run("kept"));
            session.run("import java.util.*;\nList<String> list = new ArrayList<>();");
            message = assertThrows(CellException.class, () -> session.run("import java.awt.*;"))
                    .getMessage();
            assertTrue(message.startsWith("JShell resets list because of"), message);
        }
    }
}
