// What the clients of JavaScript tell; the same as those of Python.
export const traits = { name: "王芳", age: 41, vip: true };
export const viewed = { product_id: "P-9", name: "Rose", category: "perfume", price: 89.9 };
export const completed = {
  total: 268.0,
  currency: "CNY",
  products: [{ product_id: "P-9", category: "perfume", price: 268 / 3, quantity: 3 }],
};
export const refunded = { total: 68.0, currency: "CNY", refund_id: "r-1" };
