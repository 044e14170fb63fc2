/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.testkit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Of tests that start {@link Peers}: they are skipped where there are none, and fail in CI. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Tag("peers")
@ExtendWith(NeedsPeers.Condition.class)
public @interface NeedsPeers {

    /** Where there must be peers, a test that finds none is not skipped. */
    final class Condition implements ExecutionCondition {

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            return Peers.areThere() || System.getenv("CI") != null
                    ? ConditionEvaluationResult.enabled("peers are there, or must be")
                    : ConditionEvaluationResult.disabled(Peers.MISSING);
        }
    }
}
