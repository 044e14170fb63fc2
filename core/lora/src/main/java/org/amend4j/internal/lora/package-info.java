/* SPDX-License-Identifier: Apache-2.0 */
/** How adapters are written into configurations and copied between graphs. */
@NullMarked
package org.amend4j.internal.lora;

import org.jspecify.annotations.NullMarked;
