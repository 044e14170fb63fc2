/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.provable;

/** An option of {@link ProvableOptions} that would make a proof possible. */
public enum EnablingOption {
    /** {@link ProvableOptions#withFeatureRadius}. */
    FEATURE_RADIUS("withFeatureRadius"),
    /** {@link ProvableOptions#withParameterRadius}. */
    PARAMETER_RADIUS("withParameterRadius"),
    /** {@link ProvableOptions#withLayerRadii(double, double)}. */
    LAYER_RADII("withLayerRadii"),
    /** {@link ProvableOptions#withClipping}. */
    CLIPPING("withClipping"),
    /** {@link ProvableOptions#withFactors}. */
    BOTH_FACTORS("withFactors"),
    /** {@link ProvableOptions#ignoringUpdater}. */
    PLAIN_DESCENT("ignoringUpdater");

    private final String method;

    EnablingOption(String method) {
        this.method = method;
    }

    /** What the option is called in {@link ProvableOptions}. */
    public String method() {
        return method;
    }
}
