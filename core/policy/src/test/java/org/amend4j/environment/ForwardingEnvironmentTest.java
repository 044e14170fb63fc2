/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.environment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ForwardingEnvironmentTest {

    /** A default method that is left out would answer for another environment. */
    @Test
    void everyMethodOfAnEnvironmentIsHandedOn() {
        Set<String> all = Arrays.stream(Environment.class.getMethods())
                .map(Method::getName)
                .collect(Collectors.toCollection(TreeSet::new));
        for (String name : all) {
            Method method = Arrays.stream(Environment.class.getMethods())
                    .filter(one -> one.getName().equals(name))
                    .findFirst()
                    .orElseThrow();
            assertDoesNotThrow(
                    () -> ForwardingEnvironment.class.getDeclaredMethod(name, method.getParameterTypes()), name);
        }
    }

    @Test
    void whatIsHandedOnIsTheSame() {
        Environment taxi = Environments.of("Taxi-v3").create();
        Environment forwarding =
                new ForwardingEnvironment(Environments.of("Taxi-v3").create()) {};
        assertArrayEquals(taxi.reset(3), forwarding.reset(3));
        assertArrayEquals(taxi.allowedActions(), forwarding.allowedActions());
        assertEquals(taxi.step(1).reward(), forwarding.step(1).reward());
        assertEquals(taxi.actionSpace(), forwarding.actionSpace());
        assertEquals(taxi.observationSpace(), forwarding.observationSpace());
    }
}
