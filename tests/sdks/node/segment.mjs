// A shop's server with @segment/analytics-node: `node segment.mjs URL KEY NAME`.
import { Analytics } from "@segment/analytics-node";
import { completed, refunded, traits, viewed } from "./story.mjs";

const [url, writeKey, name] = process.argv.slice(2);
const analytics = new Analytics({ writeKey, host: url, maxRetries: 0 });
analytics.on("error", (error) => {
  console.error(error);
  process.exit(1);
});
const anonymousId = `${name}-visitor`;
analytics.page({ anonymousId, name: "Home", properties: { url: "https://shop.example/" } });
analytics.track({ anonymousId, event: "Product Viewed", properties: viewed });
analytics.identify({ userId: name, anonymousId, traits: { ...traits, email: `${name}@example.com` } });
analytics.track({ userId: name, event: "Order Completed", properties: { ...completed, order_id: `${name}-1` } });
analytics.track({ userId: name, event: "Order Refunded", properties: { ...refunded, order_id: `${name}-1` } });
analytics.group({ userId: name, groupId: "club-1", traits: { name: "Club" } });
analytics.alias({ userId: name, previousId: `${name}-old` });
analytics.screen({ userId: name, name: "Cart" });
await analytics.closeAndFlush();
