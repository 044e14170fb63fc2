/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.testkit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Of a parameterized or repeated test's cases, the first and every {@code value}-th after it are run; the others count as skipped.
 * Where {@link Exhaustive#on all is tried}, all are run. On a class it holds for each of its tests that has cases.
 */
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(OneIn.Condition.class)
public @interface OneIn {
    /** One case in so many; at least 2. */
    int value();

    /** Counts cases by JUnit's own numbers. */
    final class Condition implements ExecutionCondition {
        private static final Pattern CASE = Pattern.compile("\\[test-template-invocation:#(\\d+)\\]$");

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            Matcher number = CASE.matcher(context.getUniqueId());
            if (Exhaustive.on() || !number.find()) {
                return ConditionEvaluationResult.enabled("all cases");
            }
            int n = context.getElement()
                    .map(method -> method.getAnnotation(OneIn.class))
                    .orElseGet(() -> context.getRequiredTestClass().getAnnotation(OneIn.class))
                    .value();
            return (Integer.parseInt(number.group(1)) - 1) % n == 0
                    ? ConditionEvaluationResult.enabled("one in " + n)
                    : ConditionEvaluationResult.disabled("one case in " + n + " is run; -Pexhaustive runs all");
        }
    }
}
