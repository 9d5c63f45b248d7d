// A shop's server with @rudderstack/rudder-sdk-node: `node rudder.mjs URL KEY NAME`.
import Analytics from "@rudderstack/rudder-sdk-node";
import { completed, refunded, traits, viewed } from "./story.mjs";

const [url, writeKey, name] = process.argv.slice(2);
const errorHandler = (error) => {
  console.error(error);
  process.exit(1);
};
const analytics = new Analytics(writeKey, { dataPlaneUrl: url, errorHandler, axiosRetryConfig: { retries: 0 } });
const anonymousId = `${name}-visitor`;
analytics.page({ anonymousId, name: "Home", properties: { url: "https://shop.example/" } });
analytics.track({ anonymousId, event: "Product Viewed", properties: viewed });
analytics.identify({ userId: name, anonymousId, traits: { ...traits, email: `${name}@example.com` } });
analytics.track({ userId: name, event: "Order Completed", properties: { ...completed, order_id: `${name}-1` } });
analytics.track({ userId: name, event: "Order Refunded", properties: { ...refunded, order_id: `${name}-1` } });
analytics.group({ userId: name, groupId: "club-1", traits: { name: "Club" } });
analytics.alias({ userId: name, previousId: `${name}-old` });
analytics.screen({ userId: name, name: "Cart" });
await analytics.flush();
process.exit(0);
